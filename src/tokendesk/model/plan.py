"""A plan: what will change, what is already done, what is refused and why.

A pure value. The review shows it, the dry run prints it, a plan file stores it, a run applies it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tokendesk.model.timestamps import is_recent

MOVE, REVOKE = "move", "revoke"
DO, THERE, REFUSED = "do", "there", "refused"
"""Planned outcomes of a row: it will change, it is already done, or it is refused with a reason."""

MOVING = (
    "Moving also changes sign-in (SSO, two-step, sessions) and may change Guard billing; the API does not show these "
    "settings: check the target in the console. Undo restores membership, not ended sessions or failed jobs."
)
REVOKING = "Revoking is permanent: the API cannot bring a token back. What uses it fails from then on."


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """A policy in the rows. `tokens`: allowed, blocked or None; its `source`: said, inferred, mixed, unknown."""

    policy_id: str
    name: str
    tokens: str | None = None
    source: str = "unknown"

    @property
    def surely(self) -> str | None:
        """`allowed` or `blocked` if a user set it; None if it is inferred, mixed or unknown."""
        return self.tokens if self.source == "said" else None


@dataclass(frozen=True, slots=True)
class PlanToken:
    """A token at the time of the plan. Times are epoch seconds; `created_at` is Atlassian's text."""

    token_id: str
    label: str
    status: str | None = None
    created_at: str | None = None
    last_used: int | None = None
    expires: int | None = None
    purpose: str | None = None
    decision: str | None = None
    selected: bool = True
    """False: it is included because its owner was selected."""
    stops: str | None = None
    """Whether a block stops it, one of `tokendesk.model.token_reach.STOPPING`. None in plans that do not say it yet."""
    unread: tuple[str, ...] = ()
    """Which of `last_used` and `expires` could not be parsed: None does not mean "never" for them."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One user who moves with all tokens, or one token that is revoked. `to_id` is None in a revoke plan."""

    outcome: str
    reason: str
    account_id: str
    name: str
    email: str | None
    from_id: str | None
    to_id: str | None = None
    status: str | None = None
    is_admin: bool = False
    tokens: tuple[PlanToken, ...] = ()
    owner_decision: str | None = None
    """The decision on the user, not on one of the tokens."""

    @property
    def record(self) -> str:
        """The id of the row's record: the token in a revoke plan, otherwise the user."""
        return self.tokens[0].token_id if self.to_id is None else self.account_id


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """A warning before applying. `records`: its rows; `tokens`: ids of the tokens it lists."""

    code: str
    text: str
    records: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    kind: str
    org_id: str
    org_name: str | None
    pull_id: str
    pulled_at: int
    made_at: int
    author: str
    rows: tuple[PlanRow, ...]
    policies: tuple[PlanPolicy, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    in_use_days: int = 30
    """Tokens used within this many days count as in use."""
    undoes: str | None = None
    """The run that it undoes."""
    quarantine_until: str | None = None
    """The ISO date on which to ask whether anyone missed the tokens."""
    beside: tuple[PlanRow, ...] = ()
    """Tokens of the same owners with the decision to revoke: shown, but in a plan of their own."""

    @property
    def rows_to_do(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.outcome == DO)

    @property
    def phrase(self) -> str:
        """The phrase to type to apply it. It mentions decisions to keep that the plan goes against."""
        return f"{self.kind} {_with_kept(str(self.count(DO)), self)}"

    @property
    def notice(self) -> str:
        """The notice below every plan of this kind."""
        return MOVING if self.kind == MOVE else REVOKING

    @property
    def targets(self) -> tuple[PlanPolicy, ...]:
        """The target policies: one, except for the undo of a run with users from several policies."""
        wanted = {row.to_id for row in self.rows}
        return tuple(policy for policy in self.policies if policy.policy_id in wanted)

    @property
    def digest(self) -> str:
        """The SHA-256 of the whole plan, for approval."""
        return hashlib.sha256(canonical(plan_to_record(self)).encode()).hexdigest()

    def count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    def policy_name(self, policy_id: str | None) -> str:
        if policy_id is None:
            return "unknown"
        return next((p.name for p in self.policies if p.policy_id == policy_id), policy_id)


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plan_to_record(plan: Plan) -> dict[str, object]:
    """Return the plan as JSON objects and lists."""
    record = _record(plan)
    record["policies"] = [_record(policy) for policy in plan.policies]
    record["warnings"] = [_record(warning) for warning in plan.warnings]
    record["rows"] = [_row_record(row) for row in plan.rows]
    record["beside"] = [_row_record(row) for row in plan.beside]
    return record


def _row_record(row: PlanRow) -> dict[str, object]:
    record = _record(row)
    record["tokens"] = [_token_record(token) for token in row.tokens]
    if row.owner_decision is None:
        del record["owner_decision"]
    return record


def _token_record(token: PlanToken) -> dict[str, object]:
    record = _record(token)
    if token.stops is None:  # so that hashes of older plans still match
        del record["stops"]
    if not token.unread:
        del record["unread"]
    return record


def _record(value: Any) -> dict[str, object]:
    # dataclasses.asdict copies every string and takes four times as long.
    return {name: getattr(value, name) for name in value.__slots__}


def summary(plan: Plan) -> str:
    """Return `will move 31 · already there 4 · refused 2 · 3 warnings`."""
    there = "already there" if plan.kind == MOVE else "already gone"
    parts = [f"will {plan.kind} {_with_kept(f'{plan.count(DO):,}', plan)}"]
    parts += [f"{there} {n:,}" for n in (plan.count(THERE),) if n]
    parts += [f"refused {n:,}" for n in (plan.count(REFUSED),) if n]
    parts += [f"{n} warning{'s' if n > 1 else ''}" for n in (len(plan.warnings),) if n]
    return " · ".join(parts)


def was_used_lately(plan: Plan, token: PlanToken) -> bool:
    return is_recent(token.last_used, plan.in_use_days, plan.made_at)


def is_use_unread(token: PlanToken) -> bool:
    """Whether its last use could not be parsed: it may be in use or not."""
    return "last_used" in token.unread


def tokens_in_use(plan: Plan) -> Iterator[tuple[PlanRow, PlanToken]]:
    """Yield the recently used tokens of rows that will change, latest use first."""
    used = [
        (row, token)
        for row in plan.rows_to_do
        for token in row.tokens
        if was_used_lately(plan, token) and (token.expires is None or token.expires > plan.made_at)
    ]
    yield from sorted(used, key=lambda pair: (-(pair[1].last_used or 0), pair[1].token_id))


KEPT_WARNINGS = ("never-touch", "contradicted", "decided-elsewhere", "admins-unknown", "users-unread")
"""Warnings that depend on more than the rows: determined when the plan is created, and kept."""
KEEP = "keep"
"""The decision that a plan may contradict."""


def rows_against_keep(plan: Plan) -> Iterator[tuple[PlanRow, PlanToken | None]]:
    """Yield tokens and owners with the decision keep that the plan revokes, or moves to a policy that may block.

    The token is None for a decision on the owner. All tokens of a user count, not only selected ones: they move
    together. A policy counts as allowing only if a user set that: its members' tokens prove nothing.
    """
    lets = {policy.policy_id for policy in plan.policies if policy.surely == "allowed"}
    for row in plan.rows_to_do:
        if row.to_id is None or row.to_id not in lets:
            kept = [token for token in row.tokens if token.decision == KEEP]
            yield from ((row, token) for token in kept)
            if row.owner_decision == KEEP and not (kept and row.to_id is None):  # once per revoked row
                yield row, None


def _with_kept(many: str, plan: Plan) -> str:
    """Return `4`, or `4 (1 kept)`."""
    kept = sum(1 for _ in rows_against_keep(plan))
    return f"{many} ({kept:,} kept)" if kept else many


def refusals(plan: Plan) -> list[tuple[str, int]]:
    """Return the reasons for refusals with their numbers, the most frequent first."""
    return Counter(row.reason for row in plan.rows if row.outcome == REFUSED).most_common()

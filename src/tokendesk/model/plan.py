"""A plan: what will change, what is there already, what is refused and why.

A pure value. The review shows it, the dry run prints it, a plan file keeps it, the runner carries it out.
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
"""Outcomes a row is to have: it will change, it is there already (or gone already), it is left alone for a reason."""

MOVING = (
    "Moving also changes sign-in (SSO, two-step, sessions) and may change Guard billing; the API does not show these "
    "settings: check the target in the console. Undo restores membership, not ended sessions or failed jobs."
)
REVOKING = "Revoking is permanent: the API cannot bring a token back. What uses it fails from then on."


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """A policy that rows name. `tokens`: allowed, blocked or None; `source` of that: said, inferred, mixed, unknown."""

    policy_id: str
    name: str
    tokens: str | None = None
    source: str = "unknown"

    @property
    def surely(self) -> str | None:
        """`allowed` or `blocked` where somebody said so; None where it is inferred, mixed or unknown."""
        return self.tokens if self.source == "said" else None


@dataclass(frozen=True, slots=True)
class PlanToken:
    """A token as it was when the plan was made. Moments are epoch seconds, `created_at` the text Atlassian sent."""

    token_id: str
    label: str
    status: str | None = None
    created_at: str | None = None
    last_used: int | None = None
    expires: int | None = None
    purpose: str | None = None
    decision: str | None = None
    selected: bool = True
    """False: it came along, as its owner has tokens outside the selection."""
    stops: str | None = None
    """Whether a block stops it, one of `tokendesk.model.token_reach.STOPPING`. None in plans that do not say it yet."""
    unread: tuple[str, ...] = ()
    """Which of `last_used` and `expires` Atlassian sent in a form that cannot be read: None is not "never" there."""


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
    """What was decided on the user, rather than on one of the tokens."""

    @property
    def record(self) -> str:
        """The id that marks hang on: of the token in a revoke plan, else of the user."""
        return self.tokens[0].token_id if self.to_id is None else self.account_id


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """What to know before. `records`: the rows it is about; `tokens`: ids of the tokens it lists."""

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
    """How recent a use makes a token one in use."""
    undoes: str | None = None
    """The run it takes back."""
    quarantine_until: str | None = None
    """The day (ISO) on which the people who were moved ask again whether anyone missed the tokens."""
    beside: tuple[PlanRow, ...] = ()
    """Tokens of the same owners that are decided to be revoked: shown, but a plan of their own."""

    @property
    def rows_to_do(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.outcome == DO)

    @property
    def phrase(self) -> str:
        """What is typed to apply it. Where it goes against a decision to keep, the words say so."""
        return f"{self.kind} {_with_kept(str(self.count(DO)), self)}"

    @property
    def notice(self) -> str:
        """The sentence that stands below every plan of this kind."""
        return MOVING if self.kind == MOVE else REVOKING

    @property
    def targets(self) -> tuple[PlanPolicy, ...]:
        """The policies users move to: one, but for the undo of a run that took them from several."""
        wanted = {row.to_id for row in self.rows}
        return tuple(policy for policy in self.policies if policy.policy_id in wanted)

    @property
    def digest(self) -> str:
        """The SHA-256 of the whole plan: what an approver writes down."""
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
    if token.stops is None:  # so that the hash of a plan from before still fits
        del record["stops"]
    if not token.unread:
        del record["unread"]
    return record


def _record(value: Any) -> dict[str, object]:
    # dataclasses.asdict copies every text and takes four times as long.
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
    """Whether a last use of it was told and cannot be read: it may be in use or not."""
    return "last_used" in token.unread


def tokens_in_use(plan: Plan) -> Iterator[tuple[PlanRow, PlanToken]]:
    """Yield the tokens of rows to be carried out that were used lately, the latest use first."""
    used = [
        (row, token)
        for row in plan.rows_to_do
        for token in row.tokens
        if was_used_lately(plan, token) and (token.expires is None or token.expires > plan.made_at)
    ]
    yield from sorted(used, key=lambda pair: (-(pair[1].last_used or 0), pair[1].token_id))


KEPT_WARNINGS = ("never-touch", "contradicted", "admins-unknown")
"""The warnings that rest on more than the rows: they are found when the plan is made, and stay with it."""
KEEP = "keep"
"""The decision that a plan may go against."""


def rows_against_keep(plan: Plan) -> Iterator[tuple[PlanRow, PlanToken | None]]:
    """Yield what is decided to be kept and the plan revokes, or moves to where tokens may be blocked.

    A token, or None where that was decided on the owner. Whatever the selection was: a user moves with all
    tokens. Only what somebody said of the policy is taken for allowed: what its members' tokens show proves nothing.
    """
    lets = {policy.policy_id for policy in plan.policies if policy.surely == "allowed"}
    for row in plan.rows_to_do:
        if row.to_id is None or row.to_id not in lets:
            kept = [token for token in row.tokens if token.decision == KEEP]
            yield from ((row, token) for token in kept)
            if row.owner_decision == KEEP and not (kept and row.to_id is None):  # once for each row that revokes
                yield row, None


def _with_kept(many: str, plan: Plan) -> str:
    """Return `4`, or `4 (1 kept)`."""
    kept = sum(1 for _ in rows_against_keep(plan))
    return f"{many} ({kept:,} kept)" if kept else many


def refusals(plan: Plan) -> list[tuple[str, int]]:
    """Return the reasons for refusals with their numbers, the most frequent first."""
    return Counter(row.reason for row in plan.rows if row.outcome == REFUSED).most_common()

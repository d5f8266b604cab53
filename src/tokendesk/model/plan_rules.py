"""The rules of moving and revoking: refusals and warnings of a plan."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from tokendesk.model.counting import counted
from tokendesk.model.plan import (
    DO,
    KEPT_WARNINGS,
    MOVE,
    REFUSED,
    THERE,
    Plan,
    PlanPolicy,
    PlanRow,
    PlanToken,
    PlanWarning,
    is_use_unread,
    rows_against_keep,
    tokens_in_use,
)  # fmt: skip
from tokendesk.model.text import fold, printable
from tokendesk.model.timestamps import DAY, day_and_time, span
from tokendesk.model.token_reach import FOR_BITBUCKET, MAY_NOT_STOP, NOT_TOLD

SERVICE_ACCOUNTS = "serviceaccount.atlassian.com"
_MAX_NAMED = 5

TOKENS_IN_USE, BITBUCKET_IN_USE, REACH_UNKNOWN = "tokens-in-use", "tokens-of-bitbucket", "tokens-not-told"
"""Warnings about tokens in use: a block stops them, may not stop them, or it is unknown."""


@dataclass(frozen=True, slots=True)
class NeverTouch:
    """Labels, names, addresses and ids that no plan may change.

    Compared without case and accents, and with normalized spaces.
    """

    words: frozenset[str]

    @classmethod
    def of(cls, words: Iterable[str]) -> "NeverTouch":
        return cls(frozenset(map(normalize_name, words)) - {""})

    def has(self, *names: str | None) -> bool:
        return any(name is not None and normalize_name(name) in self.words for name in names)


def normalize_name(name: str) -> str:
    """Normalize case, accents and spaces of a name for comparison."""
    return " ".join(fold(printable(name)).split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user with all tokens, from the views. `to_id`: the target policy.

    `shares_email`: another managed account has the same address. `trouble`: why the selection itself is
    not possible, such as two decisions for one owner.
    """

    account_id: str
    name: str
    email: str | None
    account_type: str | None
    claim_status: str | None
    status: str | None
    policy_id: str | None
    is_admin: bool
    to_id: str
    tokens: tuple[PlanToken, ...] = ()
    is_managed: bool = True
    decision: str | None = None
    """The decision on the user."""
    shares_email: bool = False
    trouble: str = ""


def move_row(user: Candidate, target: PlanPolicy | None, never: NeverTouch) -> PlanRow:
    """Return the row of one user; `target` is None if the policy is unknown."""
    reason = _move_refusal(user, target, never)
    outcome = REFUSED if reason else DO
    if not reason and user.policy_id == user.to_id:
        outcome = THERE
    return PlanRow(
        outcome, reason, user.account_id, user.name, user.email, user.policy_id, user.to_id,
        user.status, user.is_admin, user.tokens, user.decision,
    )  # fmt: skip


def _move_refusal(user: Candidate, target: PlanPolicy | None, never: NeverTouch) -> str:
    """Return why this user cannot be moved; empty if the move is allowed."""
    if user.trouble:
        return user.trouble
    if target is None:
        return "the target policy is unknown"
    if not user.is_managed or user.claim_status not in (None, "managed"):
        return "not a managed account"
    if never.has(user.account_id, user.name, user.email):
        return "on the never-touch list"
    kept = next((token.label for token in user.tokens if never.has(token.token_id, token.label)), None)
    if kept is not None:
        return f"its token {kept!r} is on the never-touch list"
    if _is_service_account(user.email) or user.account_type not in (None, "atlassian"):
        return "a service account: whether a policy applies to it is unknown"
    if user.status in ("closed", "deactivated", "for_deletion"):
        return {"for_deletion": "the account is to be deleted"}.get(user.status, f"the account is {user.status}")
    if not user.email:
        return "no e-mail address, which a move needs"
    if user.shares_email:
        return "two accounts have this e-mail address"
    if user.policy_id is None:
        return "its present policy is unknown: the move could not be undone"
    return ""


def revoke_row(
    token: PlanToken, account_id: str | None, name: str, email: str | None, policy_id: str | None,
    *, status: str | None, is_admin: bool, gone: bool, never: NeverTouch, owner_decision: str | None = None,
) -> PlanRow:  # fmt: skip
    """Return the row of one token. `gone`: we revoked it since the pull."""
    reason = ""
    if not account_id:
        reason = "its owner is unknown"
    elif never.has(token.token_id, token.label, account_id, name, email):
        reason = "on the never-touch list"
    elif _is_service_account(email):
        reason = "of a service account: its tokens are in another list"
    outcome = REFUSED if reason else THERE if gone else DO
    return PlanRow(
        outcome, reason, account_id or "", name, email, policy_id, None, status, is_admin, (token,), owner_decision
    )


def _is_service_account(email: str | None) -> bool:
    return (email or "").casefold().endswith(SERVICE_ACCOUNTS)


def with_warnings(plan: Plan) -> Plan:
    """Return the plan with the warnings for its rows."""
    rules = _MOVE_WARNINGS if plan.kind == MOVE else _REVOKE_WARNINGS
    found = (rule(plan) for rule in rules)
    records = {row.record for row in plan.rows}
    stay = tuple(
        warning
        for warning in plan.warnings
        if warning.code in KEPT_WARNINGS and (not warning.records or not records.isdisjoint(warning.records))
    )
    return replace(plan, warnings=(*stay, *(warning for warning in found if warning)))


def without(plan: Plan, records: Collection[str]) -> Plan:
    """Return the plan without the rows of these records."""
    owners = {row.account_id for row in plan.rows if row.record not in records}
    return with_warnings(
        replace(
            plan,
            rows=tuple(row for row in plan.rows if row.record not in records),
            beside=tuple(row for row in plan.beside if row.account_id in owners),
        )
    )


def first_rows(plan: Plan, most: int) -> Plan:
    """Return the plan with only its first `most` rows that will change, for one run."""
    return with_warnings(replace(plan, rows=plan.rows_to_do[:most]))


def _several_policies(plan: Plan) -> PlanWarning | None:
    counts = Counter(row.from_id for row in plan.rows_to_do)
    if len(counts) < 2:
        return None
    listed = ", ".join(f"{plan.policy_name(policy)} {n:,}" for policy, n in counts.most_common())
    return PlanWarning("several-policies", f"They come from {len(counts)} policies: {listed}.")


def _admins(plan: Plan) -> PlanWarning | None:
    admins = [row for row in plan.rows_to_do if row.is_admin]
    if not admins:
        return None
    who = "an organization admin is" if len(admins) == 1 else f"{len(admins)} organization admins are"
    text = f"{who[0].upper()}{who[1:]} among them: {_names(row.name for row in admins)}."
    return PlanWarning("org-admins", text, tuple(row.record for row in admins))


def _stopping(plan: Plan) -> PlanWarning | None:
    """Tokens in use that stop in the target policy, or would if it blocks tokens."""
    used = [(row, token) for row, token in _at_stake(plan) if token.stops not in (MAY_NOT_STOP, NOT_TOLD)]
    will = "may stop" if any(token.stops is None for _, token in used) else "would stop"
    if not _surely_blocked(plan, used):
        will += " if the target blocks tokens"
    return _about_used(plan, TOKENS_IN_USE, used, will)


def _going_on(plan: Plan) -> PlanWarning | None:
    """Tokens in use that reach Bitbucket, where a block may not stop them."""
    used = [(row, token) for row, token in _at_stake(plan) if token.stops == MAY_NOT_STOP]
    reach = "it reaches" if len(used) == 1 else "they reach"
    found = _about_used(plan, BITBUCKET_IN_USE, used, f"may not stop, since {reach} Bitbucket")
    return replace(found, text=f"{found.text} {FOR_BITBUCKET[0].upper()}{FOR_BITBUCKET[1:]}.") if found else None


def _not_told(plan: Plan) -> PlanWarning | None:
    used = [(row, token) for row, token in _at_stake(plan) if token.stops == NOT_TOLD]
    whose = "its" if len(used) == 1 else "their"
    return _about_used(plan, REACH_UNKNOWN, used, f"may or may not stop: {whose} scopes or status are unknown")


_Used = list[tuple[PlanRow, PlanToken]]


def _at_stake(plan: Plan) -> _Used:
    """Return the tokens in use that move to a policy that may block tokens."""
    setting = {policy.policy_id: policy.surely for policy in plan.targets}
    return [(row, token) for row, token in tokens_in_use(plan) if setting.get(row.to_id or "") != "allowed"]


def _surely_blocked(plan: Plan, used: _Used) -> bool:
    setting = {policy.policy_id: policy.surely for policy in plan.targets}
    return all(setting.get(row.to_id or "") == "blocked" for row, _ in used)


def _about_used(plan: Plan, code: str, used: _Used, what: str) -> PlanWarning | None:
    if not used:
        return None
    owners = {row.account_id for row, _ in used}
    text = (
        f"{counted(len(used), 'token')} of {counted(len(owners), 'owner')} used in the last {plan.in_use_days} days "
        f"{what}: {_names(token.label or '(no label)' for _, token in used)}."
    )
    return PlanWarning(code, text, tuple(sorted(owners)), tuple(token.token_id for _, token in used))


def _kept(plan: Plan) -> PlanWarning | None:
    """Decisions to keep that the plan contradicts."""
    kept = list(rows_against_keep(plan))
    if not kept:
        return None
    tokens = [token for _, token in kept if token]
    owners = {row.account_id: row.name for row, token in kept if token is None}
    named = _names([*(token.label or "(no label)" for token in tokens), *owners.values()])
    many = " and ".join(counted(n, word) for n, word in ((len(tokens), "token"), (len(owners), "owner")) if n)
    words = f"{many} {'has' if len(tokens) + len(owners) == 1 else 'have'} the decision keep"
    if plan.kind == MOVE:
        to = {row.to_id for row, _ in kept}
        targets = [policy for policy in plan.targets if policy.policy_id in to]
        blocking = [policy.name for policy in targets if policy.surely == "blocked"]
        unknown = [policy.name for policy in targets if policy.surely != "blocked"]
        why = [f"{', '.join(blocking)} blocks tokens"] if blocking else []
        why += [f"whether {', '.join(unknown)} blocks tokens is not known"] if unknown else []
        words += f", and {' and '.join(why)}"
    records = tuple(dict.fromkeys(row.record for row, _ in kept))
    return PlanWarning("kept", f"{words}: {named}.", records, tuple(token.token_id for token in tokens))


def _target_setting(plan: Plan) -> PlanWarning | None:
    words = {
        "inferred": "is only inferred from the status of its members' tokens",
        "mixed": "is unclear: its members' tokens are partly blocked",
        "unknown": "is unknown",
    }
    weak = [policy for policy in plan.targets if policy.source in words]
    if not weak:
        return None
    listed = "; ".join(f"whether {policy.name} allows tokens {words[policy.source]}" for policy in weak)
    return PlanWarning(
        "setting-unknown",
        f"{listed[0].upper()}{listed[1:]}. Set it with e in Policies, or with: tokendesk policies name",
    )


def _old_snapshot(plan: Plan) -> PlanWarning | None:
    age = plan.made_at - plan.pulled_at
    if age <= DAY:
        return None
    what = "users" if plan.kind == MOVE else "tokens"
    text = f"These {what} were read {span(age)} ago ({day_and_time(plan.pulled_at)}). Pull first."
    return PlanWarning("old-snapshot", text)


def _other_tokens(plan: Plan) -> PlanWarning | None:
    others = [(row, token) for row in plan.rows_to_do for token in row.tokens if not token.selected]
    if not others:
        return None
    owners = {row.account_id for row, _ in others}
    text = (
        f"{counted(len(others), 'token')} outside the selection move{'s' if len(others) == 1 else ''} along with "
        f"{counted(len(owners), 'owner')}: {_names(token.label or '(no label)' for _, token in others)}."
    )
    return PlanWarning("other-tokens", text, tuple(sorted(owners)), tuple(token.token_id for _, token in others))


def _beside(plan: Plan) -> PlanWarning | None:
    if not plan.beside:
        return None
    text = f"{counted(len(plan.beside), 'token')} of these owners are decided to be revoked: that is a plan of its own."
    return PlanWarning("revoked-too", text, (), tuple(row.record for row in plan.beside))


def _used_lately(plan: Plan) -> PlanWarning | None:
    used = list(tokens_in_use(plan))
    if not used:
        return None
    verb = "was" if len(used) == 1 else "were"
    text = (
        f"{counted(len(used), 'token')} {verb} used in the last {plan.in_use_days} days and will stop immediately: "
        f"{_names(token.label or '(no label)' for _, token in used)}."
    )
    return PlanWarning(TOKENS_IN_USE, text, tuple(r.record for r, _ in used), tuple(t.token_id for _, t in used))


def _use_unread(plan: Plan) -> PlanWarning | None:
    """Tokens with an unreadable last use: they are in no other count."""
    found = [(row, token) for row in plan.rows_to_do for token in row.tokens if is_use_unread(token)]
    if not found:
        return None
    text = (
        f"Whether {counted(len(found), 'token')} {'is' if len(found) == 1 else 'are'} in use is not known, as the last "
        f"use cannot be read: {_names(token.label or '(no label)' for _, token in found)}."
    )
    records = tuple(dict.fromkeys(row.record for row, _ in found))
    return PlanWarning("use-unread", text, records, tuple(token.token_id for _, token in found))


_Rule = Callable[[Plan], PlanWarning | None]
_MOVE_WARNINGS: tuple[_Rule, ...] = (
    _kept, _stopping, _going_on, _not_told, _use_unread, _target_setting, _admins, _several_policies, _other_tokens,
    _beside, _old_snapshot,
)  # fmt: skip
_REVOKE_WARNINGS: tuple[_Rule, ...] = (_kept, _used_lately, _use_unread, _admins, _old_snapshot)


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _MAX_NAMED
    return ", ".join(listed[:_MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def token_setting(said: str | None, allowed: int, blocked: int) -> tuple[str | None, str]:
    """Return whether a policy allows tokens, and the source: set by a user, or inferred from tokens."""
    if said in ("allowed", "blocked"):
        return said, "said"
    if allowed and blocked:
        return None, "mixed"
    if allowed or blocked:
        return ("allowed" if allowed else "blocked"), "inferred"
    return None, "unknown"


def named_policies(rows: Iterable[PlanRow], known: Mapping[str, PlanPolicy]) -> tuple[PlanPolicy, ...]:
    """Return the policies in the rows, in order of appearance."""
    named = dict.fromkeys(policy for row in rows for policy in (row.to_id, row.from_id) if policy)
    return tuple(known.get(policy) or PlanPolicy(policy, policy) for policy in named)

"""Re-validates a saved plan: rows that changed since are refused."""

from collections.abc import Mapping
from dataclasses import replace

from tokendesk.errors import Refused
from tokendesk.model.plan import DO, KEEP, KEPT_WARNINGS, MOVE, REFUSED, THERE, Plan, PlanPolicy, PlanRow
from tokendesk.model.plan_rules import move_row, with_warnings
from tokendesk.model.timestamps import is_recent
from tokendesk.views.planning import Planner, candidates, known_policies, plan_warnings, revoke_tokens
from tokendesk.views.reader import Reader


def recheck(reader: Reader, plan: Plan, planner: Planner) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan as it can be run now, and the records of the rows that changed since it was made."""
    if reader.info is None or reader.info.org_id != plan.org_id:
        there = reader.info.org_id if reader.info else "none"
        raise Refused(f"This plan is for organization {plan.org_id}, the snapshot is of {there}. Use another profile.")
    if lacking := {w.code for w in with_warnings(plan).warnings} - {w.code for w in plan.warnings}:
        raise Refused(
            f"This plan does not warn of '{min(lacking)}', which its rows require: an older version saved it, or "
            "it was edited. Save a new plan, and review it."
        )
    now = _moves(reader, plan, planner) if plan.kind == MOVE else _revocations(reader, plan, planner)
    rows = tuple(now.get(row.record, row) if row.outcome == DO else row for row in plan.rows)
    changed = tuple(row.record for before, row in zip(plan.rows, rows, strict=True) if before.outcome != row.outcome)
    if not changed:
        return _renew_warnings(reader, plan, planner), ()
    return with_warnings(
        _renew_warnings(reader, replace(plan, rows=rows, made_at=planner.now, author=planner.author), planner)
    ), changed


def _renew_warnings(reader: Reader, plan: Plan, planner: Planner) -> Plan:
    """Return the plan with current warnings of the kinds that depend on more than its rows."""
    now = tuple(plan_warnings(reader, plan.kind, plan.rows, planner))
    return replace(plan, warnings=(*now, *(w for w in plan.warnings if w.code not in KEPT_WARNINGS)))


def _moves(reader: Reader, plan: Plan, planner: Planner) -> Mapping[str, PlanRow]:
    known = known_policies(reader)
    users = {u.account_id: u for u in candidates(reader, {row.account_id: row.to_id or "" for row in plan.rows_to_do})}
    found = {}
    for row in plan.rows_to_do:
        user = users.get(row.account_id)
        if user is None:
            found[row.record] = _refused(row, "changed since: not among the managed users any more")
            continue
        fresh = move_row(user, known.get(user.to_id), planner.never)
        if fresh.outcome == DO and (user.email or "").casefold() != (row.email or "").casefold():
            fresh = _refused(row, "changed since: its e-mail address is different")
        elif fresh.outcome == DO and user.policy_id != row.from_id:
            name = known[user.policy_id].name if user.policy_id in known else "an unknown policy"
            fresh = _refused(row, f"changed since: it is in {name} now")
        elif fresh.outcome == DO and (why := _unreviewed_change(plan, row, fresh, known, reader, planner)):
            fresh = _refused(row, f"changed since: {why}")
        found[row.record] = fresh if fresh.outcome != DO else row
    return found


def _unreviewed_change(
    plan: Plan, row: PlanRow, now: PlanRow, known: Mapping[str, PlanPolicy], reader: Reader, planner: Planner
) -> str:
    """Return the change of a row that the plan's reviewer could not see; empty if the plan shows everything."""
    to_id = row.to_id or ""
    called, here = plan.policy_name(to_id), known[to_id]
    others = {policy.name for policy in known.values() if policy.policy_id != to_id}
    nameless = f"Policy {to_id[:4]}…"  # as in views.sql: it may have been named since
    if called not in (here.name, nameless) and (here.name != nameless or called in others):
        return f"the policy that the plan calls {called} is {here.name}"
    if now.name != row.name:
        return f"its name is {now.name}"
    if now.is_admin and not row.is_admin:
        return "it is an organization admin"
    theirs = next((policy.tokens for policy in plan.policies if policy.policy_id == to_id), None)
    stops = (here.tokens or theirs) != "allowed"
    if stops and _came_to_be_kept(row, now):
        return "it, or a token of it, was decided to be kept"
    return "a token of it came into use" if stops and _came_into_use(plan, row, now, reader, planner) else ""


def _came_to_be_kept(row: PlanRow, now: PlanRow) -> bool:
    return not _kept(now) <= _kept(row)


def _kept(row: PlanRow) -> set[str]:
    owner = {row.account_id} if row.owner_decision == KEEP else set()
    return owner | {token.token_id for token in row.tokens if token.decision == KEEP}


def _came_into_use(plan: Plan, row: PlanRow, now: PlanRow, reader: Reader, planner: Planner) -> bool:
    used = _used(row, plan.in_use_days, plan.made_at)
    return not _used(now, reader.thresholds.in_use, planner.now) <= used


def _used(row: PlanRow, days: int, at: int) -> set[str]:
    return {token.token_id for token in row.tokens if is_recent(token.last_used, days, at)}


def _revocations(reader: Reader, plan: Plan, planner: Planner) -> Mapping[str, PlanRow]:
    ids = [row_id for row in plan.rows_to_do if (row_id := reader.find("tokens", row.record)) is not None]
    fresh = {row.record: row for row in revoke_tokens(reader, ids, planner).rows}
    found = {}
    for row in plan.rows_to_do:
        now = fresh.get(row.record)
        if now is None:
            found[row.record] = replace(row, outcome=THERE, reason="changed since: it is not listed any more")
        elif now.outcome == DO and (now.account_id, now.tokens[0].label) != (row.account_id, row.tokens[0].label):
            found[row.record] = _refused(row, "changed since: its label or owner is another")
        elif now.outcome == DO and now.name != row.name:
            found[row.record] = _refused(row, f"changed since: the name of its owner is {now.name}")
        elif now.outcome == DO and _came_to_be_kept(row, now):
            found[row.record] = _refused(row, "changed since: it was decided to be kept")
        elif now.outcome == DO and _came_into_use(plan, row, now, reader, planner):
            found[row.record] = _refused(row, "changed since: it came into use")
        else:
            found[row.record] = now if now.outcome != DO else row
    return found


def _refused(row: PlanRow, reason: str) -> PlanRow:
    return replace(row, outcome=REFUSED, reason=reason)

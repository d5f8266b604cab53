"""A plan of earlier against what is known now: what changed since is refused, whatever the plan says."""

from collections.abc import Mapping
from dataclasses import replace

from tokendesk.errors import Refused
from tokendesk.model.plan import DO, MOVE, REFUSED, THERE, Plan, PlanRow
from tokendesk.model.plan_rules import move_row, with_warnings
from tokendesk.views.planning import Planner, candidates, known_policies, revoke_tokens
from tokendesk.views.reader import Reader


def recheck(reader: Reader, plan: Plan, planner: Planner) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan as it may be carried out now, and the records of the rows that changed since it was made."""
    if reader.info is None or reader.info.org_id != plan.org_id:
        there = reader.info.org_id if reader.info else "none"
        raise Refused(f"This plan is for organization {plan.org_id}, the snapshot is of {there}. Use another profile.")
    now = _moves(reader, plan, planner) if plan.kind == MOVE else _revocations(reader, plan, planner)
    rows = tuple(now.get(row.record, row) if row.outcome == DO else row for row in plan.rows)
    changed = tuple(row.record for before, row in zip(plan.rows, rows, strict=True) if before.outcome != row.outcome)
    if not changed:
        return plan, ()
    return with_warnings(replace(plan, rows=rows, made_at=planner.now, author=planner.author)), changed


def _moves(reader: Reader, plan: Plan, planner: Planner) -> Mapping[str, PlanRow]:
    known = known_policies(reader)
    users = {u.account_id: u for u in candidates(reader, {row.account_id: row.to_id or "" for row in plan.doing})}
    found = {}
    for row in plan.doing:
        user = users.get(row.account_id)
        if user is None:
            found[row.record] = _refused(row, "changed since: not among the managed users any more")
            continue
        fresh = move_row(user, known.get(user.to_id), planner.never)
        if fresh.outcome == DO and (user.email or "").casefold() != (row.email or "").casefold():
            fresh = _refused(row, "changed since: its e-mail address is another")
        elif fresh.outcome == DO and user.policy_id != row.from_id:
            name = known[user.policy_id].name if user.policy_id in known else "an unknown policy"
            fresh = _refused(row, f"changed since: it is in {name} now")
        found[row.record] = fresh if fresh.outcome != DO else row
    return found


def _revocations(reader: Reader, plan: Plan, planner: Planner) -> Mapping[str, PlanRow]:
    ids = [row_id for row in plan.doing if (row_id := reader.find("tokens", row.record)) is not None]
    fresh = {row.record: row for row in revoke_tokens(reader, ids, planner).rows}
    found = {}
    for row in plan.doing:
        now = fresh.get(row.record)
        if now is None:
            found[row.record] = replace(row, outcome=THERE, reason="changed since: it is not listed any more")
        elif now.outcome == DO and (now.account_id, now.tokens[0].label) != (row.account_id, row.tokens[0].label):
            found[row.record] = _refused(row, "changed since: its label or owner is another")
        else:
            found[row.record] = now if now.outcome != DO else row
    return found


def _refused(row: PlanRow, reason: str) -> PlanRow:
    return replace(row, outcome=REFUSED, reason=reason)

"""The rows of a run, under way or ended, with counts by outcome."""

from collections.abc import Mapping, Sequence

from tokendesk.model.plan import MOVE, Plan, PlanRow
from tokendesk.model.runs import RunRow
from tokendesk.model.text import printable
from tokendesk.views.columns import Column
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.plan_groups import EVERYTHING, RowGroup, RowText
from tokendesk.views.plan_rows import row_details

_TITLES = {
    "moved": "moved", "revoked": "revoked", "gone": "already gone", "differs": "found elsewhere", "failed": "failed",
    "changed": "left alone: changed since", "unknown": "unknown", "unchecked": "could not be checked",
    "under way": "under way", "waiting": "waiting", "not tried": "not tried", "refused": "refused by the plan",
    "there": "nothing to do",
}  # fmt: skip
_QUIET = ("under way", "waiting", "not tried", "refused", "there")


def planned_rows(plan: Plan) -> tuple[RunRow, ...]:
    """Return the rows of a run before any outcome."""
    return tuple(_planned(plan, row) for row in plan.rows_to_do)


def _planned(plan: Plan, row: PlanRow) -> RunRow:
    moving = plan.kind == MOVE
    return RunRow(
        row.record, row.account_id, row.name, row.email, None if moving else row.tokens[0].label,
        plan.policy_name(row.from_id), plan.policy_name(row.to_id) if moving else None, row.outcome,
        None, None, None, None, False, False,
    )  # fmt: skip


def with_outcomes(rows: Sequence[RunRow], outcomes: Mapping[str, tuple[str, str]]) -> tuple[RunRow, ...]:
    """Return the rows with the given outcomes: record -> (outcome, reason)."""
    return tuple(
        row._replace(outcome=outcomes[row.record][0], reason=outcomes[row.record][1] or None)
        if row.record in outcomes
        else row
        for row in rows
    )


def in_plan_order(plan: Plan, rows: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """Return the run's rows from the desk in the order of the plan."""
    by_record = {row.record: row for row in rows}
    return tuple(by_record.get(row.record) or _planned(plan, row) for row in plan.rows_to_do)


def state(row: RunRow) -> str:
    if row.planned != "do":
        return row.planned
    if row.outcome is None:
        return "under way" if row.is_asked else "waiting"
    return "differs" if row.outcome == "moved" and row.is_verified and row.found != row.target else row.outcome


def tone(row: RunRow) -> str:
    found = state(row)
    return "dim" if found in _QUIET else "good" if row.is_good and found != "differs" else "bad"


def run_groups(rows: Sequence[RunRow]) -> list[RowGroup]:
    """Return the groups of rows by outcome, all rows first."""
    indexes: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        indexes.setdefault(state(row), []).append(place)
    parts = [RowGroup(EVERYTHING, "All rows", tuple(range(len(rows))))]
    for name, title in _TITLES.items():
        if name in indexes:
            parts.append(RowGroup(name, title, tuple(indexes[name]), tone(rows[indexes[name][0]])))
    return parts


def describe_outcomes(rows: Sequence[RunRow]) -> str:
    """Return `31 moved · 2 failed`."""
    return " · ".join(f"{len(part.indexes or ()):,} {part.title}" for part in run_groups(rows)[1:])


def run_columns(*, is_move: bool) -> tuple[Column[RunRow], ...]:
    first = Column[RunRow]("name", "User", 16, _name, grow=2)
    second = Column[RunRow]("change", "Policy", 16, _change, grow=2, priority=2, tone=lambda *_: "dim")
    if not is_move:
        first = Column("name", "Token", 16, lambda row: row.label or "(no label)", grow=2)
        second = Column("owner", "Owner", 14, _name, grow=2, priority=2, tone=lambda *_: "dim")
    return first, second, Column("outcome", "Outcome", 30, _short_outcome, 4, 1, tone=lambda row, _: tone(row))


def _name(row: RunRow) -> str:
    return row.name or row.email or row.record


class RunDetails:
    """Describes the outcome of a row, and what the plan knew of it if the plan can be read."""

    def __init__(self, plan: Plan | None, *, is_move: bool) -> None:
        self._is_move = is_move
        self._known = (plan, RowText(plan)) if plan else None
        self._planned = {row.record: row for row in plan.rows} if plan else {}

    def of(self, row: RunRow) -> Details:
        became = [Fact("outcome", printable(row.outcome_text), tone(row))]
        if row.matched:
            became.append(Fact("found", printable(row.matched)))
        if row.batch and self._is_move:
            became.append(Fact("batch", f"{row.batch:,}"))
        planned = self._planned.get(row.record)
        if planned is None or self._known is None:
            more = [Fact("policy", printable(_change(row)))] if self._is_move else []
            return Details(printable(f"{row.name} · {row.email or 'no e-mail'}"), (Section("", (*more, *became)),))
        plan, words = self._known
        known = row_details(plan, planned, words)
        facts = [fact for fact in known.sections[0].facts if fact.name != "outcome"]
        return Details(known.title, (Section("", (*facts, *became)), *known.sections[1:]))


def _short_outcome(row: RunRow) -> str:
    """Return the outcome, shortened: a narrow cell is cut at its end."""
    return row.outcome_text.replace("left alone: changed since the plan: ", "left alone: ")


def _change(row: RunRow) -> str:
    before = row.before or "unknown"
    return before if row.target in (None, row.before) else f"{before} → {row.target}"

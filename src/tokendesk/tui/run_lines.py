"""Rows of a run as the list widget draws them: their numbers are its ids."""

from collections.abc import Mapping, Sequence

from tokendesk.model.plan import Plan
from tokendesk.model.runs import RunRow
from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import ListColumn
from tokendesk.tui.widgets.row_strips import Cell, Line
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.plan_groups import RowText
from tokendesk.views.plan_rows import row_details
from tokendesk.views.run_rows import tone


class RunLines:
    """Draws the rows of one run as they are now. `plan` knows more of each row, where it is there."""

    def __init__(self, rows: Sequence[RunRow], plan: Plan | None, *, is_move: bool) -> None:
        self.rows = rows
        self._plan = plan
        self._words = RowText(plan) if plan else None
        self._planned = {row.record: row for row in plan.rows} if plan else {}
        self.is_move = is_move

    @property
    def list_columns(self) -> tuple[ListColumn, ...]:
        second = ListColumn("change", "Policy", 16, grow=2, priority=2)
        return (
            ListColumn("name", "User" if self.is_move else "Token", 16, grow=2),
            second if self.is_move else ListColumn("owner", "Owner", 14, grow=2, priority=2),
            ListColumn("outcome", "Outcome", 30, grow=4, priority=1),
        )

    def fetch(self, places: Sequence[int]) -> Mapping[int, Line]:
        return {place: self._line(self.rows[place]) for place in places if place < len(self.rows)}

    def _line(self, row: RunRow) -> Line:
        name = row.name or row.email or row.record
        cells = (name, _change(row)) if self.is_move else (row.label or "(no label)", name)
        return [Cell(printable(cells[0])), Cell(printable(cells[1]), "dim"), Cell(_shortly(row), tone(row))]

    def details(self, place: int) -> Details | None:
        """Return what became of a row, and what was known of it when the plan was made."""
        if place >= len(self.rows):
            return None
        row = self.rows[place]
        became = [Fact("outcome", printable(row.outcome_text), tone(row))]
        if row.matched:
            became.append(Fact("found", printable(row.matched)))
        if row.batch and self.is_move:
            became.append(Fact("batch", f"{row.batch:,}"))
        planned = self._planned.get(row.record)
        if planned is None or self._plan is None or self._words is None:
            more = [Fact("policy", printable(_change(row)))] if self.is_move else []
            return Details(printable(f"{row.name} · {row.email or 'no e-mail'}"), (Section("", (*more, *became)),))
        known = row_details(self._plan, planned, self._words)
        facts = [fact for fact in known.sections[0].facts if fact.name != "outcome"]
        return Details(known.title, (Section("", (*facts, *became)), *known.sections[1:]))


def _shortly(row: RunRow) -> str:
    """Return what became of it with what differs from row to row first: the end may be cut off."""
    return printable(row.outcome_text.replace("left alone: changed since the plan: ", "left alone: "))


def _change(row: RunRow) -> str:
    before = row.before or "unknown"
    return before if row.target in (None, row.before) else f"{before} → {row.target}"

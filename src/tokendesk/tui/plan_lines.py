"""Rows of a plan as the list widget draws them: their numbers are its ids."""

from collections.abc import Mapping, Sequence

from tokendesk.model.plan import Plan
from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import ListColumn
from tokendesk.tui.widgets.row_strips import Cell, Line
from tokendesk.views.plan_groups import RowText
from tokendesk.views.plan_rows import PlanColumn, plan_columns


class PlanLines:
    """Draws the rows of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.words = RowText(plan)
        self.columns: tuple[PlanColumn, ...] = plan_columns(plan, self.words)

    @property
    def list_columns(self) -> tuple[ListColumn, ...]:
        return tuple(ListColumn(c.name, c.title, c.width, c.grow, c.priority, c.right) for c in self.columns)

    def fetch(self, places: Sequence[int]) -> Mapping[int, Line]:
        return {place: self._line(place) for place in places if place < len(self.plan.rows)}

    def _line(self, place: int) -> Line:
        row = self.plan.rows[place]
        tone = self.words.tone(row)
        cells = []
        for column in self.columns:
            text = printable(column.text(row))
            dim = column.name == "email" or text in ("never", "not known", "") or text.startswith("0 of")
            cells.append(Cell(text, tone if column.name == "outcome" else "dim" if dim else ""))
        return cells

    def sorted(self, places: Sequence[int], sort: str) -> Sequence[int]:
        """Return the places by a column, `-` in front for the other way round."""
        column = next((c for c in self.columns if c.name == sort.removeprefix("-")), None)
        if column is None:
            return places
        rows = self.plan.rows
        keys = {place: column.key(rows[place]) for place in places}
        return sorted(places, key=keys.__getitem__, reverse=sort.startswith("-"))

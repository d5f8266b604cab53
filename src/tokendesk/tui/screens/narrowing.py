"""The keys that make the next query out of the one on screen: keep, leave out, drop, go back, sort."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tokendesk.filtering.complete import Completion, complete
from tokendesk.filtering.fields import Field, Kind
from tokendesk.filtering.format import add, drop_last, keep, leave_out
from tokendesk.model.findings import in_row
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.panes import Column, Pane
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object

_MOST_VALUES = 12


class Narrowing(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _clock: Callable[[], int]
    _before: Query | None

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    def set_filter(self, text: str) -> None:
        raise NotImplementedError

    @property
    def pane(self) -> Pane:
        return self._reading.near.panes[self.query_shown.pane]

    def _column(self) -> Column | None:
        name = self.rows.column_name
        return self.pane.column(name) if name else None

    def action_keep(self) -> None:
        self._by_value(keep)

    def action_leave_out(self) -> None:
        self._by_value(leave_out)

    def _by_value(self, condition: Callable[[Field, str | int | None], str]) -> None:
        column, row_id = self._column(), self.rows.row_id
        row = self._reading.near.row(self.pane.name, row_id, self._clock()) if row_id is not None else None
        if column is None or row is None:
            return
        if column.kind == "findings":
            named = in_row(row["findings"])
            if not named:
                self.notify("This row has no finding.", severity="warning")
                return
            text = f"is:{named[0].name}"
            self.set_filter(add(self.query_shown.filter, text if condition is keep else f"-{text}"))
            return
        field = self.pane.fields.find(column.name)
        if field is None or field.kind is Kind.FLAG:
            self.notify(f"The filter has no field for {column.title}.", severity="warning")
            return
        self.set_filter(add(self.query_shown.filter, condition(field, row[column.key])))

    def action_drop_condition(self) -> None:
        if self.query_shown.filter:
            self.set_filter(drop_last(self.query_shown.filter, self.pane.fields))
        elif self.query_shown.scopes:
            self.query_shown = replace(self.query_shown, scopes=self.query_shown.scopes[:-1])
        else:
            self.notify("There is no condition to drop.")

    def action_view_before(self) -> None:
        if self._before is None or self._before.pane != self.query_shown.pane:
            self.notify("There was no other view of this pane yet.")
            return
        before = self._before
        self.set_filter(before.filter)
        self.query_shown = before

    def action_sort(self) -> None:
        self._sort_by(self._column(), more=False)

    def action_sort_more(self) -> None:
        self._sort_by(self._column(), more=True)

    def _sort_by(self, column: Column | None, *, more: bool) -> None:
        if column is None:
            return
        if column.kind == "findings":
            self.notify("Findings have no order. Choose another column with h and l.", severity="warning")
            return
        now = self.query_shown.sort or self.pane.default_sort
        turned = f"-{column.name}" if column.name in now else column.name
        if not more:
            self.query_shown = self.query_shown.sorted_by(turned)
            return
        kept = tuple(name for name in now if name.removeprefix("-") != column.name)
        self.query_shown = self.query_shown.sorted_by(*kept, turned)

    def completion(self, text: str, cursor: int) -> Completion:
        """Return what tab offers: names the language knows, and values that occur, the most frequent first."""
        found = complete(text, cursor, self.pane.fields)
        if found.kind != "value" or found.field is None or found.field.kind not in (Kind.TEXT, Kind.CHOICE):
            return found
        return found.offering(self._values(found.field))

    def _values(self, field: Field) -> list[str]:
        if field.name == "policy" and field.many:
            return [
                str(name)
                for (name,) in self._reading.near.db.execute("SELECT name FROM policy_row ORDER BY tokens DESC")
            ]
        if field.many:
            return []
        sql = (
            f"SELECT {field.sql} AS v FROM {self.pane.view} AS r WHERE v IS NOT NULL GROUP BY v ORDER BY count(*) DESC"
        )
        rows = self._reading.near.db.execute(f"{sql} LIMIT {_MOST_VALUES * 40}")
        return [value for (value,) in rows if isinstance(value, str) and clean(value) == value]

"""The keys that make the next query out of the one on screen: keep, leave out, drop, go back, sort."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from tokendesk.filtering.fields import Field, Kind
from tokendesk.model.findings import in_row
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.panes import Column, Pane
from tokendesk.views.query import Query, Scope
from tokendesk.views.values import has_values, occurring

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.filtering.complete import Completion
else:
    _Base = object


class Narrowing(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _clock: Callable[[], int]
    _before: Query | None
    _values: dict[tuple[str, str], tuple[tuple[str, int], ...]]

    if TYPE_CHECKING:  # written in another mixin, which must not be hidden here

        def begin(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None: ...

        def mark_scope(self, scope: Scope | None) -> None: ...

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    def set_filter(self, text: str) -> None:
        raise NotImplementedError

    @property
    def pane(self) -> Pane:
        raise NotImplementedError

    def _column(self) -> Column | None:
        name = self.rows.column_name
        return self.pane.column(name) if name else None

    def action_keep(self) -> None:
        from tokendesk.filtering.format import keep

        self._by_value(keep)

    def action_leave_out(self) -> None:
        from tokendesk.filtering.format import leave_out

        self._by_value(leave_out)

    def _by_value(self, condition: Callable[[Field, str | int | None], str]) -> None:
        from tokendesk.filtering.format import add, keep

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
        from tokendesk.filtering.format import drop_last

        if self.query_shown.filter:
            self.set_filter(drop_last(self.query_shown.filter, self.pane.fields))
        elif self.query_shown.scopes:
            self.query_shown = self.query_shown._replace(scopes=self.query_shown.scopes[:-1])
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

    def completion(self, text: str, cursor: int) -> "Completion":
        """Return what tab offers: names the language knows, and values that occur, the most frequent first.

        Values are counted away from the screen; until they are there, it is what the language knows.
        """
        from tokendesk.filtering.complete import complete

        found = complete(text, cursor, self.pane.fields)
        field = found.field
        if found.kind != "value" or field is None or not has_values(field):
            return found
        values = self._values.get((self.pane.name, field.name))
        if values is None:
            self._values[self.pane.name, field.name] = ()
            self.begin(partial(self._count_values, self.pane, field), f"values of {field.name}")
        return found.offering(values or ())

    async def _count_values(self, pane: Pane, field: Field) -> None:
        from tokendesk.tui.widgets.filter_input import FilterInput

        self._values[pane.name, field.name] = await self._reading.ask(lambda reader: occurring(reader, pane, field))
        self.query_one(FilterInput).offer_again()

    # --- chips

    def drop_chip(self, number: int) -> None:
        """Drop the chip `number` of the title: scopes come first, then the conditions of the filter."""
        from tokendesk.filtering.format import drop

        here = self.query_shown
        if number < len(here.scopes):
            self.query_shown = here._replace(scopes=here.scopes[:number] + here.scopes[number + 1 :])
            self.mark_scope(None)
        else:
            self.set_filter(drop(here.filter, number - len(here.scopes), self.pane.fields))

    @work
    async def action_conditions(self) -> None:
        """Ask which of the conditions to drop."""
        from tokendesk.filtering.format import conditions
        from tokendesk.tui.screens.conditions import ConditionsScreen

        here = self.query_shown
        chips = [clean(scope.title) for scope in here.scopes]
        chips += [clean(chip.text) for chip in conditions(here.filter, self.pane.fields)]
        if not chips:
            self.notify("There is no condition to drop. / types one.", severity="warning")
        elif len(chips) == 1:
            self.drop_chip(0)
        else:
            number = await self.app.push_screen_wait(ConditionsScreen(chips))
            if number is not None and here == self.query_shown:
                self.drop_chip(number)

"""Loads what a query shows: the first rows, then the rest, the counts, the details of one row."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content

from tokendesk.errors import TokendeskError
from tokendesk.filtering.errors import FilterError
from tokendesk.model.findings import row_findings
from tokendesk.tui.browser_status import BrowserStatus
from tokendesk.tui.context import AppContext
from tokendesk.tui.rows import fetch_cells
from tokendesk.tui.store import Page, SnapshotReplaced
from tokendesk.tui.widgets.filter_bar import FilterBar
from tokendesk.tui.widgets.panel_layout import PanelLayout
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.row_strips import RowCells
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.panes import Pane
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from tokendesk.views.counts import Counts, ScopeCount

_REST = 0.12
"""Delay in seconds before the details follow the cursor."""
_REST_TYPING = 0.3
"""The same while a filter is typed: drawing details must not delay the next letter."""
_FEW = 500
"""The most rows whose ids are looked up on the event loop: about a millisecond."""
_NONE_YET = {
    "changes": "No pull has seen a change yet: it takes two pulls.",
    "journal": "Nothing was moved or revoked yet. m and X open a review.",
}


def _describe_sort(pane: Pane, query: Query, shown: Sequence[str]) -> str:
    """Return `, sorted by Created ▲, then Owner ▲` if no header says so."""
    if all(name.removeprefix("-") in shown for name in query.sort[:1]) and len(query.sort) < 2:
        return ""
    columns = [(pane.column(name.removeprefix("-")), "▼" if name.startswith("-") else "▲") for name in query.sort]
    return f", sorted by {', then '.join(f'{column.title} {arrow}' for column, arrow in columns if column)}"


Begin = Callable[[Callable[[], Coroutine[None, None, None]], str], None]


class QueryLoader:
    """`query` returns the query on screen; `begin` starts background work and cancels what runs in its group."""

    def __init__(
        self,
        ctx: AppContext,
        query: Callable[[], Query],
        begin: Begin,
        *,
        panels: PanelLayout,
        filter_bar: FilterBar,
        status: BrowserStatus,
    ) -> None:
        self._ctx = ctx
        self._query = query
        self._begin = begin
        self._panels, self._filter_bar, self._status = panels, filter_bar, status
        self._rows = panels.rows
        self._rows.when_fitted = self._draw_border_title
        self._rows_of: Query | None = None
        self._rows_generation = -1
        self._columns: Sequence[PaneColumn] = ()
        """Those of the rows on screen; others may be chosen meanwhile."""
        self._details_of: tuple[Query, int | None, int] | None = None
        """The query, row and generation of files whose details are shown."""
        self._renewals: dict[str, tuple[ScopeCount, ...]] = {}
        """By pane, those counted last: they stand in the scope pane until they are counted anew."""
        self._due: asyncio.TimerHandle | None = None
        self._stepped = 0.0

    # --- rows

    async def show(self, query: Query, record: str | None = None) -> None:
        """Show the rows of `query`, with the cursor on `record`, else on the first row."""
        await self.show_row(query, self._ctx.store.ui_reader.find(query.pane, record) if record is not None else None)

    async def show_row(self, query: Query, row_id: int | None, *, typing: bool = False) -> None:
        now, store = self._ctx.now(), self._ctx.store
        generation = store.generation
        try:
            page = await store.first(query, now, self._first_rows, self._ctx.columns_of(query))
            if page is not None and row_id is not None and not page.complete and row_id not in page.ids:
                ids = await store.ids(query, now)
                page = Page(ids, True, {}) if ids is not None else None
            if page is None or query != self._query() or store.generation != generation:
                return
            if typing and not page.ids and self._rows.ids and self._filter_bar.is_half_typed:
                self._status.say("nothing matches yet")  # keep the rows while a name or value is typed
                return
            self._show_page(query, page, row_id)
            if not page.complete:
                await self._show_rest(query, now)
        except SnapshotReplaced:
            return  # the rows are read again when the files are reopened
        except FilterError as error:
            if not self.are_in_pane_of(query):
                self._show_page(query, Page((), True, {}), None)  # instead of the rows of another pane
            # An error at the end of the line most likely means unfinished typing.
            unfinished = self._filter_bar.is_typing and error.end >= len(query.filter)
            self._status.say_wrong(str(error), wrong=not unfinished)
        except (TokendeskError, sqlite3.Error) as error:
            self._say_unreadable(error)

    async def _show_rest(self, query: Query, now: int) -> None:
        """Say how many rows there are, then take in the ids of those behind the first ones."""
        store, generation = self._ctx.store, self._ctx.store.generation

        def is_current() -> bool:
            return query == self._query() and store.generation == generation

        count = await store.count(query, now)
        if count is None or not is_current():
            return
        self._status.say_found(count)
        ids = await store.ids(query, now)
        if ids is not None and is_current():
            self._rows.extend(ids)
            self._status.say_count(len(ids))

    def _say_unreadable(self, error: TokendeskError | sqlite3.Error) -> None:
        self._status.say(f"The snapshot cannot be read: {error}. ctrl+r pulls it again.", wrong=True)

    def show_at_once(self, query: Query) -> None:
        """Show the first rows using the open connection, before the other ones open."""
        now, reader = self._ctx.now(), self._ctx.store.ui_reader
        try:
            found = reader.first(query, now, self._first_rows)
            lines = fetch_cells(
                reader, reader.panes[query.pane], self._ctx.columns_of(query), found.ids[: self._first_rows], now
            )
        except (TokendeskError, sqlite3.Error):
            self._begin(partial(self.show_row, query, None), "rows")  # it says so if it cannot read them either
            return
        self._show_page(query, Page(found.ids, found.complete, lines), None)

    @property
    def _first_rows(self) -> int:
        """How many rows are loaded first: what the list can show, and a few more."""
        return max(24, self._rows.app.size.height)

    def _show_page(self, query: Query, page: Page, row_id: int | None) -> None:
        self._rows_of, self._rows_generation = query, self._ctx.store.generation
        ctx, store = self._ctx, self._ctx.store
        pane, columns, generation = store.ui_reader.panes[query.pane], self._ctx.columns_of(query), store.generation
        self._columns = columns

        def fetch(wanted: Sequence[int]) -> Mapping[int, RowCells]:
            # After the files are reopened, the list may be drawn before it has new rows.
            if store.generation != generation:
                return {}
            try:
                return fetch_cells(store.ui_reader, pane, columns, wanted, ctx.now())
            except sqlite3.Error as error:
                self._say_unreadable(error)
                return {}

        self._rows.show(
            page.ids,
            columns=columns,
            fetch=fetch,
            lines=page.lines,
            complete=page.complete,
            keep=row_id,
            empty=self._why_empty(query),
            sorted_by=query.sort or pane.default_sort,
            chosen=columns[0].priority < 0,
        )
        self._draw_border_title()
        self._status.say_count(len(page.ids) if page.complete else None)
        self._status.draw_title()

    def _draw_border_title(self) -> None:
        """Name the sort where no header says so, which depends on the columns that have room."""
        if (query := self._rows_of) is not None:
            pane = self._ctx.store.ui_reader.panes[query.pane]
            self._rows.border_title = Content(pane.title + _describe_sort(pane, query, self._rows.columns_shown))

    def _why_empty(self, query: Query) -> str:
        reader = self._ctx.store.ui_reader
        many = reader.panes[query.pane].many
        if reader.info is None:
            return f"No {many} before the first pull (ctrl+r)."  # which may be running
        if query.pane == "credentials":
            from tokendesk.views.unread_lists import describe_unread

            if why := describe_unread(reader, "ctrl+r"):
                return f"Nothing matches. {why}" if query.filters() else why
        if query.filter:
            return "Nothing matches. / changes the filter, esc goes back."
        if query.scopes:
            return f"No {many} here. esc goes back."
        return _NONE_YET.get(query.pane, f"The organization has no {many}.")

    def are_rows_of(self, query: Query) -> bool:
        """Whether the rows on screen are those of `query`, read from the open files."""
        return self._rows_of == query and self._rows_generation == self._ctx.store.generation

    def are_in_pane_of(self, query: Query) -> bool:
        """Whether the rows on screen belong to the pane of `query` and to the open files."""
        here = self._rows_of
        return here is not None and here.pane == query.pane and self._rows_generation == self._ctx.store.generation

    def catch_up(self) -> None:
        """Show the rows of the present filter, if older ones were kept while it was typed."""
        if self._rows_of is not None and self._rows_of != self._query():
            self._begin(partial(self.show_row, self._query(), None), "rows")

    def resume_reading(self) -> None:
        """Read rows whose query a page interrupted: pages ask the same thread."""
        query = self._query()
        if not (self.are_rows_of(query) and self._rows.is_complete):
            self._begin(partial(self.show_row, query, self._rows.row_id if self.are_rows_of(query) else None), "rows")

    def fetch_ahead(self, event: RecordList.Nearing) -> None:
        pane, columns, now = self._pane, self._columns, self._ctx.now()

        async def learn() -> None:
            lines = await self._ctx.store.query(lambda reader: fetch_cells(reader, pane, columns, event.row_ids, now))
            self._rows.learn(lines, event.generation)

        self._begin(learn, "ahead")

    @property
    def _pane(self) -> Pane:
        return self._ctx.store.ui_reader.panes[self._query().pane]

    # --- counts

    async def count(self, query: Query) -> None:
        """Count scopes and panes, and describe progress towards the goal."""
        from tokendesk.views.counts import quick_counts, renewal_counts
        from tokendesk.views.goals import describe_goal

        now, store = self._ctx.now(), self._ctx.store
        try:
            counts, goal = await store.query(
                lambda reader: (quick_counts(reader, query.pane, now), describe_goal(reader, now) or "")
            )
            self._show_counts(query.pane, replace(counts, renewals=self._renewals.get(query.pane, ())))
            self._status.draw_tabs()
            self._status.set_goal(goal)
            self._renewals[query.pane] = await store.query(lambda reader: renewal_counts(reader, query.pane, now))
        except SnapshotReplaced:
            return
        except (TokendeskError, sqlite3.Error) as error:
            self._status.say(f"The rows cannot be counted: {error}", wrong=True)
            return
        self._show_counts(query.pane, replace(counts, renewals=self._renewals[query.pane]))

    def _show_counts(self, pane: str, counts: "Counts") -> None:
        here = self._query()
        if pane == here.pane:
            views = [view for view in self._ctx.ui_state.views() if view.query.pane == pane]
            self._panels.scope.show(counts, here, views)

    # --- marks

    async def take_marks(self, event: RecordList.MarksChanged) -> None:
        query, store, marks = self._query(), self._ctx.store, self._ctx.marks
        pane = query.pane
        if not event.row_ids and not event.on:
            marks.of(pane).clear()
        else:
            if len(event.row_ids) <= _FEW:
                # On the event loop: the next key may act on the marks.
                records = store.ui_reader.records(pane, event.row_ids)
            else:
                records = await store.query(lambda reader: reader.records(pane, event.row_ids))
            marks.put(pane, records.values(), event.on)
        store.set_marks(pane, tuple(marks.of(pane)))
        if self._rows.is_complete:
            self._status.say_count(len(self._rows.ids))
        await self.show_changed_marks()

    async def show_changed_marks(self) -> None:
        """Show the rows again where a filter asks for marks."""
        query = self._query()
        if any("marked" in text for text in query.filters()):
            row_id, cursor = self._rows.row_id, self._rows.cursor
            await self.show_row(query, row_id)
            if self._rows.row_id != row_id:
                self._rows.cursor = cursor  # the row is gone

    def show_marks(self) -> None:
        """Pass the marks of this pane to the store and the list."""
        pane = self._query().pane
        self._rows.marks.replace(self._ctx.store.set_marks(pane, tuple(self._ctx.marks.of(pane))))

    # --- details

    def cursor_moved(self) -> None:
        """Update the details: at once after a single step, later while the cursor keeps moving."""
        before, self._stepped = self._stepped, monotonic()
        if self._due is not None:
            self._due.cancel()
            self._due = None
        typing = self._filter_bar.is_typing
        if self._stepped - before > _REST and not typing:
            self._rows.call_after_refresh(self.follow_cursor)
        else:
            rest = _REST_TYPING if typing else _REST
            self._due = asyncio.get_running_loop().call_later(rest, self.follow_cursor)

    def explain_findings(self) -> None:
        """Explain the codes of the row under the cursor while the column cursor is on them."""
        if self._filter_bar.is_typing:
            return
        pane, row_id = self._query().pane, self._rows.row_id
        if self._rows.column_name != "findings" or row_id is None or not self.are_rows_of(self._query()):
            self._status.explain(None)
            return
        try:
            row = self._ctx.store.ui_reader.row(pane, row_id, self._ctx.now())
        except sqlite3.Error as error:
            self._say_unreadable(error)
            return
        self._status.explain(row_findings(row["findings"]) if row is not None else None)

    @property
    def are_details_current(self) -> bool:
        """Whether the details on screen are those of the row under the cursor."""
        return self._details_of == (self._query(), self._rows.row_id, self._ctx.store.generation)

    def read_stale_details(self) -> None:
        """Read the details now, if they still are those of another row."""
        if not self.are_details_current:
            self.follow_cursor()

    def follow_cursor(self) -> None:
        if self._panels.shows_details:
            self._begin(self._read_details, "details")

    async def _read_details(self) -> None:
        from tokendesk.views.details import details

        query, row_id, now, generation = self._query(), self._rows.row_id, self._ctx.now(), self._ctx.store.generation
        found = None
        if row_id is not None:
            found = await self._ctx.store.query(lambda reader: details(reader, query.pane, row_id, now))
        if generation == self._ctx.store.generation:  # else row ids mean other records by now
            self._panels.show_in_details(found)
            self._details_of = query, row_id, generation

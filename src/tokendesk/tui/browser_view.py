"""The browser's state: the query on screen, going to another and back, the selection keys act on."""

from collections.abc import Callable
from functools import partial

from tokendesk.tui.availability import BrowserState
from tokendesk.tui.background import Background
from tokendesk.tui.base_screens import PageScreen, Reloaded
from tokendesk.tui.browser_status import BrowserStatus
from tokendesk.tui.completions import Completions
from tokendesk.tui.context import AppContext
from tokendesk.tui.file_watcher import FileWatcher
from tokendesk.tui.flows.base import Outcome, Refresh
from tokendesk.tui.navigation import Navigator, Page, Place, View
from tokendesk.tui.query_loader import QueryLoader
from tokendesk.tui.selection import Selection
from tokendesk.tui.widgets.filter_bar import FilterBar
from tokendesk.tui.widgets.panel_layout import PanelLayout
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.panes import Pane
from tokendesk.views.query import Query, Scope


class BrowserView:
    def __init__(self, ctx: AppContext, screen: PageScreen[None]) -> None:
        self._ctx = ctx
        self._screen = screen
        self.navigator = Navigator(Query("tokens"))
        self.watcher = FileWatcher(ctx)
        self.panels = PanelLayout(id="body")
        self.filter_bar = FilterBar(id="filter-row")
        self.status = BrowserStatus(ctx, lambda: self.query, rows=self.rows, filter_bar=self.filter_bar)
        self.background = Background(screen, lambda words: self.status.say(words, wrong=True))
        self.completions = Completions(ctx.store, lambda: self.pane, self.background, self.filter_bar.offer_again)
        self.loader = QueryLoader(
            ctx, lambda: self.query, self.background.begin,
            panels=self.panels, filter_bar=self.filter_bar, status=self.status,
        )  # fmt: skip
        self._reopening: int | None = None
        """The generation of files that are being replaced by newer ones."""
        self.rows.are_current = lambda: self.loader.are_rows_of(self.query)
        self.open_page: Callable[[Page], None] = lambda _: None
        """Opens a page again that lay over a view: a flow opened it, so whatever runs flows is there by then."""
        ctx.store.on_replaced = self._reopen_later

    @property
    def query(self) -> Query:
        return self.navigator.query

    @property
    def pane(self) -> Pane:
        return self._ctx.store.ui_reader.panes[self.query.pane]

    @property
    def rows(self) -> RecordList:
        return self.panels.rows

    def selection(self) -> Selection:
        """What a key acts on now: no row, while the rows of another query are loading."""
        query, store, rows = self.query, self._ctx.store, self.rows
        marked = frozenset(self._ctx.marks.of(query.pane))
        column = rows.column_name if self.loader.are_in_pane_of(query) else None
        if not self.loader.are_rows_of(query):
            return Selection(query, store.generation, column=column, marked=marked, left=self.navigator.left)
        record = self._record_under_cursor()
        return Selection(
            query, store.generation, rows.ids, rows.row_id, column, record, marked, rows.columns_shown,
            self.navigator.left,
        )  # fmt: skip

    def _record_under_cursor(self) -> str | None:
        pane, row_id = self.query.pane, self.rows.row_id
        if row_id is None or not self.loader.are_in_pane_of(self.query):
            return None
        return self._ctx.store.ui_reader.records(pane, (row_id,)).get(row_id)

    def state(self) -> BrowserState:
        file, connection = self._ctx.settings.paths.file, self._ctx.connection
        return BrowserState(
            self.query.pane,
            has_cursor=self.rows.row_id is not None and self.loader.are_rows_of(self.query),
            are_rows_current=self.loader.are_rows_of(self.query),
            has_marks=bool(self._ctx.marks.of(self.query.pane)),
            file=file.name if file is not None else "",
            offline_reason="" if connection.access else connection.offline_reason or "There is nothing to pull from.",
        )

    # --- the next query

    def show_first(self) -> None:
        """Show the first frame."""
        self.rows.focus()
        self.loader.show_at_once(self.query)
        self.status.draw_tabs()

    def show(self, query: Query) -> None:
        """Show another query of the same pane; its rows replace these when they are read."""
        before = self.query
        if before == query:
            return
        typing = self.filter_bar.is_typing
        goes_on = typing and self.navigator.is_typing  # then the record is known
        self.navigator.change(query, None if goes_on else self._record_under_cursor(), typing=typing)
        self._draw_query(before)
        row_id = self.rows.row_id if before.pane == query.pane and not typing else None
        self.background.begin(partial(self.loader.show_row, query, row_id, typing=typing), "rows")

    def _draw_query(self, before: Query) -> None:
        """Show the query in place of another one of the same pane."""
        query = self.query
        self.filter_bar.show(query.filter)
        if before.scopes != query.scopes:
            self.panels.scope.mark_current(query)

    def set_filter(self, text: str) -> None:
        self.show(self.query.narrowed(text))

    def pick(self, picked: Scope | Query | None) -> None:
        """Show what was chosen in the scope pane: a scope, a view of this pane, or everything."""
        query = picked if isinstance(picked, Query) else self.query._replace(scopes=(picked,) if picked else ())
        self.show(query)
        self.navigator.start_again()
        self.panels.back_to_list()

    async def show_view(self, query: Query) -> None:
        """Show a saved view, of any pane."""
        if query.pane != self.query.pane:
            await self._open(query)
        self.show(query)
        self.panels.back_to_list()

    def drop_chip(self, number: int) -> None:
        """Drop a condition of the title line."""
        from tokendesk.tui.query_edit import drop_chip

        self.show(drop_chip(self.query, number, self.pane.fields))

    async def _load(self, record: str | None = None) -> None:
        """Show the query, of any pane, with its counts; the cursor goes to `record`."""
        query = self.query
        self.filter_bar.show(query.filter)
        self.loader.show_marks()
        await self.loader.show(query, record)
        self.completions.forget()
        await self.loader.count(query)
        self.rows.focus()

    async def open_pane(self, name: str) -> None:
        if name == self.query.pane:
            self.rows.focus()
            return
        await self._open(self.navigator.last_of(name))

    async def show_pane(self, name: str, text: str) -> None:
        """Show a pane filtered by `text`, for the palette."""
        if name == self.query.pane:
            self.rows.focus()
            self.set_filter(text)
        else:
            await self._open(self.navigator.last_of(name).narrowed(text))

    async def _open(self, query: Query) -> None:
        self.panels.leave_details()
        self.navigator.to_pane(query, self._record_under_cursor())
        await self._load()

    # --- back

    async def back(self) -> None:
        """Leave the filter line, else the details or scope pane, else go back one step."""
        if self.filter_bar.is_typing:
            self.set_filter(self.filter_bar.text_before)
            self.rows.focus()
        elif self.rows.marks.has_range:
            self.rows.marks.cancel_range()
            self.rows.notify("Range selection cancelled.")
        elif self.panels.back_to_list():
            return
        elif place := self.navigator.back(self._record_under_cursor()):
            await self._load(place.record)
            if place.page is not None:
                self.open_page(place.page)
        elif self.query.scopes:
            self.show(self.query._replace(scopes=()))
        else:
            self.set_filter("")

    async def view_before(self) -> None:
        before = self.query
        view = self.navigator.view_before(self._record_under_cursor())
        await self._return_to(view, before, "There is no view before this one.")

    async def view_after(self) -> None:
        before = self.query
        view = self.navigator.view_after(self._record_under_cursor())
        await self._return_to(view, before, "There is no view after this one.")

    async def _return_to(self, view: View | None, before: Query, none: str) -> None:
        if view is None:
            self.rows.notify(none)
        elif view.query.pane == before.pane:
            self._draw_query(before)
            self.background.begin(partial(self.loader.show, view.query, view.record), "rows")
        else:
            self.panels.leave_details()
            await self._load(view.record)
        if view is not None and view.page is not None:
            self.open_page(view.page)

    async def follow(self, query: Query) -> None:
        """Show the rows that a fact of the details is about."""
        if query == self.query:
            self.rows.notify("These rows are shown already.")
            return
        await self.apply(Outcome(step=Place(query, self._record_under_cursor())))

    # --- outcomes of flows

    async def apply(self, outcome: Outcome) -> None:
        await self.read_again(outcome.refresh)
        if outcome.step is not None:
            self.panels.leave_details()
            self.navigator.step_in(*outcome.step)
            await self._load()
        if outcome.pane:
            await self.open_pane(outcome.pane)
        if outcome.query is not None:
            self.show(outcome.query)
        if outcome.cursor is not None:
            row_id = self._ctx.store.ui_reader.find(self.query.pane, outcome.cursor)
            if row_id is not None:
                self.rows.go_to(row_id)

    async def read_again(self, what: Refresh) -> None:
        """Show what was written or pulled; open a desk file that did not exist before."""
        if what is Refresh.NONE:
            return
        if what is Refresh.MARKS:
            self.loader.show_marks()
            self.rows.redraw()
            self.status.say_count(len(self.rows.ids) if self.rows.is_complete else None)
            await self.loader.show_changed_marks()
            return
        store, record = self._ctx.store, self._record_under_cursor()
        if what is Refresh.FILES or not store.ui_reader.has_desk:
            signature = self.watcher.signature()
            await store.reopen()
            self.watcher.acknowledge_snapshot(signature)
            self.loader.show_marks()
        self.watcher.acknowledge_desk()
        query = self.query
        await self.loader.show(query, record)
        self.completions.forget()
        await self.loader.count(query)
        for page in self._screen.app.screen_stack:
            if page is not self._screen:
                page.post_message(Reloaded())

    def _reopen_later(self) -> None:
        """Open the files that replaced those on screen, also while a filter is typed: rows of both never mix."""
        if self._reopening != self._ctx.store.generation:
            self._reopening = self._ctx.store.generation
            self.background.begin(self._reopen, "files")

    async def _reopen(self) -> None:
        generation = self._ctx.store.generation
        try:
            await self.read_again(Refresh.FILES)
            self.rows.notify("Reloaded: the snapshot was replaced. Marks and filter were kept.")
        finally:
            if self._reopening == generation:
                self._reopening = None

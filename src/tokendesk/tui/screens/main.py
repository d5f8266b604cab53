"""The browser: it turns keys and messages into the next query or a flow, and shows what comes of it."""

import asyncio
import gc
import sqlite3
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import MountError
from textual.worker import Worker

from tokendesk.errors import TokendeskError
from tokendesk.tui.actions import BY_ID, bindings
from tokendesk.tui.availability import BrowserState, unavailable
from tokendesk.tui.browser_status import BrowserStatus
from tokendesk.tui.completions import Completions
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import changes_live_org
from tokendesk.tui.leaving import Screen
from tokendesk.tui.navigation import Navigator
from tokendesk.tui.query_loader import QueryLoader
from tokendesk.tui.selection import Selection
from tokendesk.tui.widgets.filter_bar import FilterBar
from tokendesk.tui.widgets.lines import KeyBar, Line, TabsLine, TitleLine
from tokendesk.tui.widgets.panel_layout import PanelLayout
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion
    from tokendesk.filtering.fields import Field
    from tokendesk.running.run_context import SearchProgress
    from tokendesk.tui.app import TokendeskApp
    from tokendesk.tui.app_ui import AppUi
    from tokendesk.tui.flows.base import Flow, Outcome, Refresh
    from tokendesk.tui.widgets.filter_input import FilterInput
    from tokendesk.tui.widgets.scope_pane import ScopePane
    from tokendesk.views.panes import Pane


class MainScreen(Screen[None]):
    PLACE = "screen"
    BINDINGS = bindings("screen")

    query_shown: reactive[Query] = reactive(Query("tokens"), init=False)
    """What is on screen. Assigning the next one is how every key narrows, opens and goes back."""

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.navigator = Navigator()
        self.completions = Completions(ctx.store, self._count_values)
        self.panels = PanelLayout(id="body")
        self.filter_bar = FilterBar(self._complete, id="filter-row")
        self._opening: set[str] = set()
        """The actions whose dialogs are there, or on their way."""
        self.ready = asyncio.Event()
        """Set once all of the screen is there: keys wait for it."""

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield TabsLine(id="tabs")
        yield self.panels
        yield self.filter_bar
        yield KeyBar(id="keys")

    @property
    def rows(self) -> RecordList:
        return self.panels.rows

    @cached_property
    def ui(self) -> "AppUi":
        from tokendesk.tui.app_ui import AppUi

        return AppUi(cast("TokendeskApp", self.app), lambda: self.query_one("#activity", Line), self.read_again)

    @cached_property
    def status(self) -> BrowserStatus:
        return BrowserStatus(
            self.ctx,
            lambda: self.query_shown,
            title=self.query_one(TitleLine),
            tabs=self.query_one(TabsLine),
            rows=self.rows,
            filter_bar=self.filter_bar,
            keys=self.query_one(KeyBar),
        )

    @cached_property
    def loader(self) -> QueryLoader:
        return QueryLoader(
            self.ctx, lambda: self.query_shown, self.begin,
            panels=self.panels, filter_bar=self.filter_bar, status=self.status,
        )  # fmt: skip

    # --- start and end

    def on_mount(self) -> None:
        self.rows.focus()
        self._show_connection()
        self.loader.show_at_once(self.query_shown)
        self.status.draw_tabs()
        self.call_after_refresh(self._complete_screen)

    def on_unmount(self) -> None:
        self.ctx.store.close()

    def _show_connection(self) -> None:
        self.set_class(changes_live_org(self.ctx.settings, self.ctx.connection.access), "armed")

    async def _complete_screen(self) -> None:
        """What can come after the first frame."""
        from tokendesk.tui.file_watcher import SECONDS, FileWatcher
        from tokendesk.tui.widgets.too_small import TooSmall

        if not gc.isenabled():
            gc.freeze()  # what start-up made stays to the end
            gc.enable()
        try:
            self.app.stylesheet.read(Path(__file__).parent.with_name("rest.tcss"))
            with self.app.batch_update():
                await self.panels.mount_panels()
                await self.filter_bar.mount_input()
                await self.mount(Line(id="activity"), before="#filter-row")
                await self.mount(TooSmall())
                self.update_node_styles(animate=False)  # what was there before has rules in it, too
        except MountError:
            return  # the program ended before it had begun
        self.ready.set()
        self.set_interval(30, self.status.draw_title)
        self.watcher = FileWatcher(self.ctx)
        if self.ctx.settings.places.file is None:
            self.set_interval(SECONDS, self._follow_files)
        self.begin(self._connect, "connection")
        self.begin(lambda: self.loader.count(self.query_shown), "counts")

    async def _connect(self) -> None:
        """Do what needs the organization as soon as it is known whether there is a connection to it."""
        if self.ctx.connection.is_connecting:
            await self.ctx.connection.connect()
            self._show_connection()
            self.status.draw_title()
            self.status.draw_keys()
        self.run_worker(self._run("recover:recover_interrupted_runs", Selection(self.query_shown)), group="recover")
        if cast("TokendeskApp", self.app).pull_at_start:
            await self.action_flow("pull.start")

    async def _follow_files(self) -> None:
        """Follow what another process pulled or wrote, while nothing is typed and no dialog is open."""
        from tokendesk.tui.file_watcher import Change
        from tokendesk.tui.flows.base import Refresh

        if self._is_running("pull") or self.filter_bar.is_typing or not self.is_current:
            return
        try:
            change = self.watcher.check()
            if change is Change.SNAPSHOT:
                await self.read_again(Refresh.FILES)
                self.notify("Another tokendesk pulled: this is the new snapshot. Marks, filter and cursor were kept.")
            elif change is Change.DESK:
                await self.read_again(Refresh.DESK)
        except (TokendeskError, sqlite3.Error) as error:
            self.status.say(f"The files cannot be read: {error}", wrong=True)

    # --- actions

    def begin(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Do `work` beside all else; what was begun before in its group is given up."""

        async def guarded() -> None:
            try:
                await work()
            except (TokendeskError, sqlite3.Error) as error:
                self.status.say(f"The files cannot be read: {error}", wrong=True)

        if not self.is_leaving:
            _: Worker[None] = self.run_worker(guarded, group=group, exclusive=True)

    def selection(self) -> Selection:
        """What a key acts on now. While other rows are on their way, no row of before is meant."""
        query, store, rows = self.query_shown, self.ctx.store, self.rows
        marked = frozenset(self.ctx.marks.of(query.pane))
        if not self.loader.are_rows_of(query):
            return Selection(query, store.generation, marked=marked)
        row_id = rows.row_id
        record = store.ui_reader.records(query.pane, (row_id,)).get(row_id) if row_id is not None else None
        return Selection(query, store.generation, rows.ids, row_id, rows.column_name, record, marked)

    def state(self) -> BrowserState:
        file, connection = self.ctx.settings.places.file, self.ctx.connection
        return BrowserState(
            self.query_shown.pane,
            has_cursor=self.rows.row_id is not None and self.loader.are_rows_of(self.query_shown),
            has_marks=bool(self.ctx.marks.of(self.query_shown.pane)),
            file=file.name if file is not None else "",
            offline_reason="" if connection.access else connection.offline_reason or "There is nothing to pull from.",
        )

    async def action_flow(self, action_id: str) -> None:
        """Run what the table of actions names. What opens nothing ends before the next key is taken."""
        action = BY_ID[action_id]
        if reason := unavailable(action, self.state()):
            self.notify(reason, severity="warning", timeout=10)
        elif action.background and self._is_running("pull"):
            self.notify("A pull is running already; C cancels it, browsing goes on meanwhile.")
        elif action.background:
            self.run_worker(self._run(action.flow, self.selection()), name=action.id, group="pull")
        elif not action.opens:
            await self._run(action.flow, self.selection())
        elif not self._opening:  # else a dialog is there, or on its way
            self._opening.add(action.id)
            self.run_worker(self._run(action.flow, self.selection(), action.id))

    def _is_running(self, group: str) -> bool:
        return any(worker.group == group and worker.node is self and not worker.is_finished for worker in self.workers)

    async def _run(self, name: str, selection: Selection, opening: str = "") -> None:
        """Run a flow and show what comes of it. The one place where our errors become notices."""
        from tokendesk.tui.flows.base import failure

        module, _, function = name.partition(":")
        flow: Flow = getattr(import_module(f"tokendesk.tui.flows.{module}"), function)
        try:
            try:
                outcome = await flow(self.ctx, self.ui, selection)
            finally:
                self._opening.discard(opening)
            await self.apply(outcome)
        except (TokendeskError, sqlite3.Error) as error:
            self.ui.notify(failure(error))

    async def apply(self, outcome: "Outcome") -> None:
        await self.read_again(outcome.refresh)
        if outcome.step is not None:
            self.navigator.step_in(self.query_shown, outcome.step.record)
            await self.go_to(outcome.step.query)
        if outcome.query is not None:
            self.query_shown = outcome.query
        if outcome.cursor is not None:
            row_id = self.ctx.store.ui_reader.find(self.query_shown.pane, outcome.cursor)
            if row_id is not None:
                self.rows.go_to(row_id)
        if outcome.notice is not None:
            self.ui.notify(outcome.notice)

    async def read_again(self, what: "Refresh") -> None:
        """Show what was written or pulled; where the desk was not there before, its file is opened first."""
        from tokendesk.tui.flows.base import Refresh

        if what is Refresh.NONE:
            return
        store, record = self.ctx.store, self.selection().record
        if what is Refresh.FILES or not store.ui_reader.has_desk:
            await store.reopen()
            self.loader.show_marks()
        self.watcher.acknowledge()
        query = self.query_shown
        await self.loader.show(query, record)
        self.completions.forget()
        await self.loader.count(query)

    async def go_to(self, query: Query, record: str | None = None) -> None:
        """Show another pane, or a pane from another row, with its counts."""
        self.set_reactive(MainScreen.query_shown, query)
        self.filter_bar.show(query.filter)
        self.loader.show_marks()
        await self.loader.show(query, record)
        self.completions.forget()
        await self.loader.count(query)
        self.rows.focus()

    async def action_pane(self, name: str) -> None:
        if name == self.query_shown.pane:
            self.rows.focus()
            return
        self.remove_class("show-details")
        await self.go_to(self.navigator.to_pane(self.query_shown, name))

    async def show_pane(self, pane: str, text: str) -> None:
        """Show `pane` narrowed by `text`, as the palette was told."""
        await self.action_pane(pane)
        self.set_filter(text)

    async def action_panels(self, action: str) -> None:
        await self.panels.run_action(action)

    async def action_back(self) -> None:
        """Out of the filter line, then out of the details or scope, then the last step in."""
        if self.filter_bar.is_typing:
            self.set_filter(self.filter_bar.text_before)
            self.rows.focus()
        elif self.rows.marks.has_range:
            self.rows.marks.cancel_range()
            self.notify("Range selection cancelled.")
        elif self.panels.back_to_list():
            return
        elif place := self.navigator.back():
            await self.go_to(*place)
        elif self.query_shown.scopes:
            self.query_shown = self.query_shown._replace(scopes=())
        else:
            self.set_filter("")

    def action_view_before(self) -> None:
        before = self.navigator.view_before(self.query_shown)
        if before is None:
            self.notify("There was no other view of this pane yet.")
        else:
            self.query_shown = before

    def action_edit_filter(self) -> None:
        self.filter_bar.edit(self.ctx.ui_state.history(self.query_shown.pane))

    def action_cancel_pull(self) -> None:
        if not self._is_running("pull") or not self.ui.is_active:
            self.notify("No pull is running.")
            return
        (pull,) = self.workers.cancel_group(self, "pull")
        kept = "the old snapshot is untouched" if pull.name == "pull.start" else "what was read stays"
        self.notify(f"The pull was cancelled; {kept}.")

    def action_help(self) -> None:
        from tokendesk.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.ctx.store.ui_reader.panes[self.query_shown.pane]))

    @property
    def search_under_way(self) -> "SearchProgress | None":
        return self.ctx.recovery.under_way

    def end_search(self) -> None:
        self.ctx.recovery.end()

    def groups_before(self, key: str) -> Collection[str]:
        """What follows a filter in the line acts on the rows that it leaves."""
        groups = super().groups_before(key)
        return groups if self.filter_bar.is_typing else (*groups, "rows")

    # --- the query

    def set_filter(self, text: str) -> None:
        self.query_shown = self.query_shown.narrowed(text)

    def watch_query_shown(self, before: Query, after: Query) -> None:
        if before == after:
            return
        self.navigator.seen(before)
        self.filter_bar.show(after.filter)
        if before.scopes != after.scopes and self.panels.scope is not None:
            self.panels.scope.mark_current(after.scopes[0] if after.scopes else None)
        typing = self.filter_bar.is_typing
        row_id = self.rows.row_id if before.pane == after.pane and not typing else None
        self.begin(partial(self.loader.show_row, after, row_id, typing=typing), "rows")

    @on(FilterBar.Edited)
    def _narrow(self, event: FilterBar.Edited) -> None:
        if event.text == self.filter_bar.text:  # else a newer one is on its way
            self.set_filter(event.text)

    @on(FilterBar.Submitted)
    def _keep_filter(self) -> None:
        from tokendesk.filtering.errors import FilterError
        from tokendesk.filtering.parse import parse

        query = self.query_shown
        try:
            parse(query.filter, self.ctx.store.ui_reader.panes[query.pane].fields)
        except FilterError as error:
            self.status.say_wrong(str(error), wrong=True)
            return
        if query.filter.strip():
            self.ctx.ui_state.remember(query.pane, query.filter.strip())
        self.rows.focus()

    def _complete(self, text: str, cursor: int) -> "Completion":
        pane = self.ctx.store.ui_reader.panes[self.query_shown.pane]
        return self.completions.complete(pane, text, cursor)

    def _count_values(self, pane: "Pane", field: "Field") -> None:
        async def count() -> None:
            await self.completions.count(pane, field)
            self.filter_bar.offer_again()

        self.begin(count, f"values of {field.name}")

    # --- messages

    def on_filter_input_offered(self, event: "FilterInput.Offered") -> None:
        from tokendesk.tui.widgets.filter_input import offer_words

        self.status.offer(offer_words(event.offer) if event.offer else None)

    @on(events.DescendantBlur)
    def _end_offer(self) -> None:
        self.status.offer(None)
        self.loader.catch_up()

    def on_scope_pane_picked(self, event: "ScopePane.Picked") -> None:
        self.navigator.start_again()
        self.query_shown = self.query_shown._replace(scopes=(event.scope,) if event.scope else ())
        self.remove_class("show-scope")
        self.rows.focus()

    @on(TabsLine.Picked)
    async def _open_pane(self, event: TabsLine.Picked) -> None:
        await self.action_pane(event.pane)

    @on(TitleLine.ChipClicked)
    def _drop_clicked(self, event: TitleLine.ChipClicked) -> None:
        from tokendesk.tui.query_edit import drop_chip

        fields = self.ctx.store.ui_reader.panes[self.query_shown.pane].fields
        self.query_shown = drop_chip(self.query_shown, event.number, fields)

    @on(RecordList.HeaderClicked)
    async def _sort_clicked(self, event: RecordList.HeaderClicked) -> None:
        await self._run("edit_query:sort", replace(self.selection(), column=event.column.name))

    @on(RecordList.Opened)
    async def _open_row(self) -> None:
        if self.query_shown.pane == "tokens":
            self.panels.show_details()
        elif self.query_shown.pane == "journal":
            await self.action_flow("run.open")
        else:
            await self._run("navigate:open_row", self.selection())

    @on(RecordList.Highlighted)
    def _cursor_moved(self) -> None:
        self.loader.cursor_moved()

    @on(RecordList.Nearing)
    def _fetch_ahead(self, event: RecordList.Nearing) -> None:
        self.loader.fetch_ahead(event)

    @on(RecordList.MarksChanged)
    async def _marks_changed(self, event: RecordList.MarksChanged) -> None:
        await self.loader.take_marks(event)

    def on_details_pane_shown(self) -> None:
        self.loader.follow_cursor()

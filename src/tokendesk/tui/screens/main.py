"""The main screen: composes the first frame, and routes actions and messages."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult

from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.browser_view import BrowserView
from tokendesk.tui.context import AppContext
from tokendesk.tui.filter_controller import FilterController
from tokendesk.tui.selection import Selection
from tokendesk.tui.widgets.filter_bar import FilterBar
from tokendesk.tui.widgets.lines import TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from tokendesk.tui.flow_runner import FlowRunner
    from tokendesk.tui.widgets.details import DetailsPane
    from tokendesk.tui.widgets.filter_input import FilterInput
    from tokendesk.tui.widgets.scope_pane import ScopePane


class MainScreen(PageScreen[None]):
    PLACE = "screen"
    BINDINGS = bindings("screen")

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.view = BrowserView(ctx, self)
        self.filter = FilterController(ctx, self.view)
        self.ready = asyncio.Event()
        """Set when the screen is complete; keys wait for it."""

    @cached_property
    def flows(self) -> "FlowRunner":
        from tokendesk.tui.flow_runner import FlowRunner

        return FlowRunner(self.ctx, self, self.view)

    @property
    def rows(self) -> RecordList:
        return self.view.rows

    @property
    def query_shown(self) -> Query:
        return self.view.query

    def set_filter(self, text: str) -> None:
        self.view.set_filter(text)

    # --- start and end

    def compose(self) -> ComposeResult:
        yield self.view.status.title
        yield self.view.status.tabs
        yield self.view.panels
        yield self.view.filter_bar
        yield self.view.status.keys

    def on_mount(self) -> None:
        self.view.show_first()
        self.call_after_refresh(_complete, self)

    def on_unmount(self) -> None:
        self.ctx.store.close()

    # --- actions

    async def action_flow(self, action_id: str) -> None:
        await self.flows.run_action(action_id)

    async def action_panels(self, action: str) -> None:
        await self.view.panels.run_action(action)
        self.view.loader.read_stale_details()

    async def action_pane(self, name: str) -> None:
        await self.view.open_pane(name)

    async def action_back(self) -> None:
        await self.view.back()

    async def action_view(self, step: int) -> None:
        await (self.view.view_before() if step < 0 else self.view.view_after())

    def action_edit_filter(self) -> None:
        self.filter.edit()

    def action_cancel_pull(self) -> None:
        self.flows.cancel_pull()

    def action_help(self) -> None:
        from tokendesk.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.view.pane))

    def groups_before(self, key: str) -> Collection[str]:
        """Keys after a filter act on the rows it leaves, so they wait for them; keys of the details for these."""
        groups = super().groups_before(key)
        if self.view.filter_bar.is_typing:
            return groups
        return (*groups, "rows", "files", *(("details",) if self.view.panels.is_in_details else ()))

    # --- the filter line

    @on(FilterBar.Edited)
    def _narrow(self, event: FilterBar.Edited) -> None:
        self.filter.narrow(event)

    @on(FilterBar.Submitted)
    def _keep_filter(self) -> None:
        self.filter.keep()

    def on_filter_input_offered(self, event: "FilterInput.Offered") -> None:
        self.filter.offer(event)

    @on(events.DescendantBlur)
    def _end_offer(self) -> None:
        self.filter.end_offer()

    # --- clicks

    def on_scope_pane_picked(self, event: "ScopePane.Picked") -> None:
        if isinstance(event.picked, Query) and event.picked.by:
            self.flows.open("groups:group", Selection(event.picked))
        else:
            self.view.pick(event.picked)

    @on(TitleLine.ChipClicked)
    def _drop_condition(self, event: TitleLine.ChipClicked) -> None:
        self.view.drop_chip(event.number)

    @on(RecordList.HeaderClicked)
    async def _sort(self, event: RecordList.HeaderClicked) -> None:
        await self.flows.run("edit_query:sort", replace(self.view.selection(), column=event.column.name))

    # --- the list

    @on(RecordList.Opened)
    async def _open_row(self) -> None:
        row = self.view.selection()
        if row.pane == "tokens" or (
            row.pane == "credentials" and not (row.record or "").startswith("service-account:")
        ):
            self.view.panels.open_details()
            self.view.loader.read_stale_details()
        elif self.query_shown.pane == "journal":
            await self.flows.run_action("run.open")
        else:
            await self.flows.run("navigate:open_row", self.view.selection())

    @on(RecordList.Highlighted)
    @on(RecordList.ColumnMoved)
    def _cursor_moved(self) -> None:
        self.view.loader.cursor_moved()
        self.view.loader.explain_findings()

    @on(RecordList.Nearing)
    def _fetch_ahead(self, event: RecordList.Nearing) -> None:
        self.view.loader.fetch_ahead(event)

    @on(RecordList.MarksChanged)
    async def _take_marks(self, event: RecordList.MarksChanged) -> None:
        await self.view.loader.take_marks(event)

    def on_details_pane_shown(self) -> None:
        self.view.loader.follow_cursor()

    async def on_details_pane_followed(self, event: "DetailsPane.Followed") -> None:
        if self.view.loader.are_details_current:
            await self.view.follow(event.query)
        else:
            self.notify("These are still the details of another row. Press the key again.", severity="warning")


async def _complete(screen: MainScreen) -> None:
    from tokendesk.tui.browser_start import complete

    await complete(screen)

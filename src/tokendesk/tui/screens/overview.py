"""The page of the overview: what needs attention today, the goal, and all tokens in bars."""

import sqlite3
from collections.abc import Callable, Collection
from functools import partial

from textual import events, on, work
from textual.app import ComposeResult

from tokendesk.errors import TokendeskError
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import changes_live_org
from tokendesk.tui.list_keys import say_where_it_works
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.widgets.lines import KeyBar, TabsLine, TitleLine
from tokendesk.tui.widgets.overview_pane import OverviewPane
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.overview import PARTS, Section
from tokendesk.views.query import PANES, Query
from tokendesk.views.reader import Reader


class OverviewScreen(PageScreen[Query | str | None]):
    """Dismisses with the query of the chosen number, with the name of a pane, or with None.

    `came_from`: the query that was on screen before: if it is a number's, the cursor goes to that number.
    """

    CSS_PATH = "overview.tcss"
    PLACE = "overview"
    BINDINGS = bindings("overview")

    def __init__(self, ctx: AppContext, came_from: Query | None) -> None:
        super().__init__()
        self._ctx, self._at = ctx, came_from

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield TabsLine(id="tabs")
        yield OverviewPane(id="overview")
        yield KeyBar(id="keys", place=self.PLACE)
        yield TooSmall()

    def on_mount(self) -> None:
        self.set_class(changes_live_org(self._ctx.settings, self._ctx.connection.access), "live-writes")
        self.query_one(TitleLine).set_parts([self._ctx.org_title, "Overview"], self._ctx.source_label)
        reader = self._ctx.store.ui_reader
        tabs = [(name, reader.panes[name].title, reader.living(reader.panes[name])) for name in PANES]
        self.query_one(TabsLine).set_tabs(tabs, "")
        self._read()

    def on_reloaded(self) -> None:
        self._at = self._pane.query_at_cursor or self._at
        self._read()

    @property
    def _pane(self) -> OverviewPane:
        return self.query_one(OverviewPane)

    @work(exclusive=True, group="count")
    async def _read(self) -> None:
        """Read one section after the other: a page that is left reads no further."""
        now = self._ctx.now()
        try:
            sections = [await self._ctx.store.query(partial(_ask, part, now)) for part in PARTS]
        except (TokendeskError, sqlite3.Error) as error:
            self.notify(f"The overview cannot be read: {error}", severity="error")
            return
        self._pane.show(sections, self._at)

    def groups_before(self, key: str) -> Collection[str]:
        """Keys act on the numbers, so they wait for them."""
        return (*super().groups_before(key), "count")

    # --- keys

    def action_cursor_down(self) -> None:
        self._pane.step(1)

    def action_cursor_up(self) -> None:
        self._pane.step(-1)

    def action_page_down(self) -> None:
        self._pane.page(1)

    def action_page_up(self) -> None:
        self._pane.page(-1)

    def action_top(self) -> None:
        self._pane.go_to_end(last=False)

    def action_bottom(self) -> None:
        self._pane.go_to_end(last=True)

    def action_column(self, step: int) -> None:
        self._pane.step_aside(step)

    def action_open(self) -> None:
        self._pane.choose()

    @on(OverviewPane.Chosen)
    def _choose(self, event: OverviewPane.Chosen) -> None:
        self.dismiss(event.query)

    def action_pane(self, name: str) -> None:
        self.dismiss(name)

    def action_back(self) -> None:
        self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        say_where_it_works(self, event)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))


def _ask(part: Callable[[Reader, int], Section], now: int, reader: Reader) -> Section:
    return part(reader, now)

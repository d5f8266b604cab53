"""The three-pane screen: it turns keys into the next query, and answers into what the widgets show."""

import asyncio
import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widget import MountError
from textual.widgets import Input, Static

from tokendesk.config import Settings
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.parse import parse
from tokendesk.model.text import clean
from tokendesk.tui.habits import Habits
from tokendesk.tui.keys import bindings
from tokendesk.tui.leaving import Screen
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.screens.arranging import Arranging
from tokendesk.tui.screens.exporting import Exporting
from tokendesk.tui.screens.going import Going
from tokendesk.tui.screens.knowing import Knowing
from tokendesk.tui.screens.lettering import Lettering
from tokendesk.tui.screens.narrowing import Narrowing
from tokendesk.tui.screens.noting import Noting
from tokendesk.tui.screens.planning import Planning
from tokendesk.tui.screens.preparing import Preparing
from tokendesk.tui.screens.pulling import Pulling
from tokendesk.tui.screens.quarantining import Quarantining
from tokendesk.tui.screens.reading_events import ReadingEvents
from tokendesk.tui.screens.settling import Settling
from tokendesk.tui.screens.showing import Showing
from tokendesk.tui.screens.triaging import Triaging
from tokendesk.tui.screens.watching import Watching
from tokendesk.tui.session import Session
from tokendesk.tui.source import is_armed, source_words
from tokendesk.tui.widgets.lines import KeyBar, Line, TabsLine, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.stand_in import StandIn
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.tui.app import TokendeskApp
    from tokendesk.tui.widgets.filter_input import FilterInput

_FILTER_HINT = "press / and type: words or idle:90d.."


class MainScreen(
    Showing,
    Planning,
    Arranging,
    Going,
    Knowing,
    Lettering,
    Narrowing,
    Noting,
    Preparing,
    Pulling,
    Quarantining,
    ReadingEvents,
    Settling,
    Triaging,
    Watching,
    Exporting,
    Screen[None],
):
    BINDINGS = bindings("screen")

    query_shown: reactive[Query] = reactive(Query("tokens"), init=False)
    """What is on screen. Assigning the next one is how every key narrows, opens and goes back."""

    def __init__(
        self, settings: Settings, clock: Callable[[], int], habits: Habits, near: Reader | None = None
    ) -> None:
        """`near`: a connection that is open already."""
        super().__init__()
        self._settings = settings
        self._clock = clock
        self._reading = Reading(settings.places, settings.thresholds, near)
        self._values = {}
        self._trail: list[tuple[Query, str | None]] = []
        self._last: dict[str, Query] = {}
        self._filter_before = ""
        self._pulling = None
        self._before: Query | None = None
        self._marks = Marks()
        self._habits = habits
        self.session = Session(settings, clock)
        self.whole = asyncio.Event()
        """Set once all of the screen is there: keys wait for it."""

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield TabsLine(id="tabs")
        with Horizontal(id="body"):
            yield StandIn(title="Scope", id="scope")
            rows = RecordList(id="list")
            rows.set_reactive(RecordList.has_focus, True)  # before it is styled, so that it is styled once
            yield rows
            yield StandIn(title="Details", id="details")
        yield StandIn(Content.assemble((" / ", "bold $accent"), (_FILTER_HINT, "$muted")), id="filter-row")
        yield KeyBar(id="keys")

    @property
    def _desk(self) -> "TokendeskApp":
        return cast("TokendeskApp", self.app)

    @property
    def rows(self) -> RecordList:
        return self.query_one(RecordList)

    def on_mount(self) -> None:
        self.rows.focus()
        self._arm()
        self.show_at_once(self.query_shown)
        self.show_tabs()
        self.call_after_refresh(self._begin)

    def _arm(self) -> None:
        self.set_class(is_armed(self._settings, self._desk.way), "armed")

    async def _begin(self) -> None:
        """What can come after the first frame."""
        if not gc.isenabled():
            gc.freeze()  # what start-up made stays to the end
            gc.enable()
        try:
            await self._mount_the_rest()
        except MountError:
            return  # the program ended before it had begun
        self.set_interval(30, self.draw_title)
        self.watch_files()
        self.begin(self._find_way, "way")
        await self._count(self.query_shown)

    async def _find_way(self) -> None:
        """Do what needs the organization as soon as it is known whether there is a way to it."""
        if self._desk.is_looking:
            await self._desk.look_for_way()
            self._arm()
            self.draw_title()
        self.settle_what_broke_off()
        if self._desk.pull_at_start:
            self.action_pull()

    async def _mount_the_rest(self) -> None:
        """Mount what has nothing to say before the rows are there: a start does not wait for it."""
        from tokendesk.tui.widgets.details import DetailsPane
        from tokendesk.tui.widgets.filter_input import FilterInput
        from tokendesk.tui.widgets.scope_pane import ScopePane
        from tokendesk.tui.widgets.too_small import TooSmall

        body = self.query_one("#body")
        self.scope_pane, self.details_pane = ScopePane(id="scope"), DetailsPane(id="details")
        self.app.stylesheet.read(Path(__file__).parent.with_name("rest.tcss"))
        with self.app.batch_update():
            await self.query(StandIn).remove()
            await body.mount(self.scope_pane, before=0)
            await body.mount(self.details_pane)
            line = FilterInput(self.completion, id="filter", placeholder=_FILTER_HINT)
            row = Horizontal(
                Static("/", id="filter-sign", markup=False), line, Line(id="filter-state"), id="filter-row"
            )
            await self.mount(Line(id="activity"), row, before="#keys")
            await self.mount(TooSmall())
            self.update_node_styles(animate=False)  # what was there before has rules in it, too
        self.whole.set()

    def on_unmount(self) -> None:
        self._reading.close()

    # --- what is shown

    def watch_query_shown(self, before: Query, after: Query) -> None:
        if before != after:
            self._before = before
            typing = self.is_typing
            keep = self.rows.row_id if before.pane == after.pane and not typing else None
            self.begin(partial(self._show_row, after, keep, typing=typing), "rows")

    def take_query(self, query: Query) -> None:
        self.set_reactive(MainScreen.query_shown, query)
        self.query_one("#filter", Input).value = query.filter

    def draw_title(self) -> None:
        info = self._reading.near.info
        query = self.query_shown
        path = [
            clean(info.org_name or info.org_id) if info else "no snapshot",
            self._reading.near.panes[query.pane].title,
        ]
        chips = [clean(scope.title) for scope in query.scopes]
        if query.filter:
            from tokendesk.filtering.format import conditions

            chips += [clean(chip.text) for chip in conditions(query.filter, self.pane.fields)]
        right = source_words(self._settings, self._desk.way, info.pulled_at if info else None, self._clock())
        if self._desk.is_looking:
            right = right.partition(" · ")[2]  # whether it is the living organization is not known yet
        tone = ""
        if info and (info.policies_problem or info.unknown_words):
            right, tone = f"{right} · {info.unknown_words or 'policies unknown'}", "$text-warning"
        self.query_one(TitleLine).set_parts(path, right, tone, chips)

    # --- filter

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        if event.value != self.query_shown.filter:
            self.query_shown = self.query_shown.narrowed(event.value)

    @on(Input.Submitted, "#filter")
    def _keep_filter(self) -> None:
        try:
            parse(self.query_shown.filter, self.pane.fields)
        except FilterError as error:
            self.say_wrong(str(error), wrong=True)
            return
        if self.query_shown.filter.strip():
            self._habits.remember(self.query_shown.pane, self.query_shown.filter.strip())
        self.rows.focus()

    def action_edit_filter(self) -> None:
        from tokendesk.tui.widgets.filter_input import FilterInput

        self._filter_before = self.query_shown.filter
        line = self.query_one("#filter", FilterInput)
        line.history = self._habits.history(self.query_shown.pane)
        self.set_focus(line)  # at once: `focus` would do it after the keys that wait already

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a line that is being typed, the key that leads to the filter is a letter."""
        if action == "edit_filter" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def set_filter(self, text: str) -> None:
        self.query_one("#filter", Input).value = text

    def on_filter_input_offered(self, event: "FilterInput.Offered") -> None:
        from tokendesk.tui.widgets.filter_input import offer_words

        self.query_one(KeyBar).offer(offer_words(event.offer) if event.offer else None)

    @on(events.DescendantBlur)
    def _end_offer(self) -> None:
        self.query_one(KeyBar).offer(None)
        self.catch_up()

    @on(TitleLine.ChipClicked)
    def _drop_clicked(self, event: TitleLine.ChipClicked) -> None:
        self.drop_chip(event.number)

    @on(RecordList.HeaderClicked)
    def _sort_clicked(self, event: RecordList.HeaderClicked) -> None:
        self._sort_by(self.pane.column(event.column.name), more=False)

    @work
    async def action_save_filter(self) -> None:
        from tokendesk.tui.screens.name import NameScreen

        here = self.query_shown
        if not here.filter.strip():
            self.notify("There is no filter to save. / types one.", severity="warning")
            return
        name = await self.app.push_screen_wait(NameScreen("Save filter", f"A name for: {clean(here.filter)}"))
        if name:
            self._habits.save(here.pane, name, here.filter.strip())
            await self._count(here)

    def action_help(self) -> None:
        from tokendesk.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self._reading.near.panes[self.query_shown.pane]))

    def check_key(self) -> None:
        from tokendesk.tui.screens.capabilities import CapabilitiesScreen

        self.app.push_screen(CapabilitiesScreen(self._settings, self._desk.way, self._desk.no_way))

    # --- doing something

    async def desk_changed(self) -> None:
        """Show what was written; where the desk was not there before, its file is opened first."""
        near = self._reading.near
        if not near.has_desk:
            await self.renew()
            return
        row_id, query = self.rows.row_id, self.query_shown
        keep = near.records(query.pane, (row_id,)).get(row_id) if row_id is not None else None
        await self._show(query, keep)
        await self._count(query)

    async def renew(self) -> None:
        """Open the files again: the snapshot was replaced, or the desk is there for the first time."""
        row_id, query = self.rows.row_id, self.query_shown
        keep = None
        if row_id is not None:
            keep = self._reading.near.records(query.pane, (row_id,)).get(row_id)
        old = self._reading
        self._reading = Reading(self._settings.places, self._settings.thresholds)
        old.close()
        self.files_seen()
        self._tell_marks()
        await self._show(query, keep)
        await self._count(query)

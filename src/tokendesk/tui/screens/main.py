"""The three-pane screen: it turns keys into the next query, and answers into what the widgets show."""

import sqlite3
from collections.abc import Callable

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input, Static

from tokendesk.config import Settings
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.format import conditions
from tokendesk.model.text import clean
from tokendesk.tui.habits import Habits
from tokendesk.tui.keys import bindings
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.rows import fetch_lines, list_columns
from tokendesk.tui.screens.arranging import Arranging
from tokendesk.tui.screens.exporting import Exporting
from tokendesk.tui.screens.going import Going
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.screens.knowing import Knowing
from tokendesk.tui.screens.lettering import Lettering
from tokendesk.tui.screens.name import NameScreen
from tokendesk.tui.screens.narrowing import Narrowing
from tokendesk.tui.screens.noting import Noting
from tokendesk.tui.screens.planning import Planning
from tokendesk.tui.screens.preparing import Preparing
from tokendesk.tui.screens.pulling import Pulling
from tokendesk.tui.screens.reading_events import ReadingEvents
from tokendesk.tui.screens.settling import Settling
from tokendesk.tui.screens.triaging import Triaging
from tokendesk.tui.screens.watching import Watching
from tokendesk.tui.session import Session
from tokendesk.tui.source import is_armed, source_words
from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.tui.widgets.filter_input import FilterInput
from tokendesk.tui.widgets.lines import KeyBar, Line, TabsLine, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.scope_pane import ScopePane
from tokendesk.views.details import details
from tokendesk.views.query import PANES, Query, Scope

SMALLEST = "80 x 24"
_MOST_OFFERED = 10


class MainScreen(
    Planning,
    Arranging,
    Going,
    Knowing,
    Lettering,
    Narrowing,
    Noting,
    Preparing,
    Pulling,
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

    def __init__(self, settings: Settings, clock: Callable[[], int], habits: Habits) -> None:
        super().__init__()
        self._settings = settings
        self._clock = clock
        self._reading = Reading(settings.places, settings.thresholds)
        self._trail: list[tuple[Query, str | None]] = []
        self._last: dict[str, Query] = {}
        self._filter_before = ""
        self._pulling = None
        self._before: Query | None = None
        self._marks = Marks()
        self._habits = habits
        self.session = Session(settings, clock)

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield TabsLine(id="tabs")
        with Horizontal(id="body"):
            yield ScopePane(id="scope")
            yield RecordList(id="list")
            yield DetailsPane(id="details")
        yield Line(id="activity")
        yield Line(id="hints")
        with Horizontal(id="filter-row"):
            yield Static("/", id="filter-sign", markup=False)
            yield FilterInput(
                self.completion, id="filter", placeholder="press / and type: words, or field:value such as idle:>90d"
            )
            yield Line(id="filter-state")
        yield KeyBar(id="keys")
        yield Static("", id="too-small", markup=False)

    @property
    def rows(self) -> RecordList:
        return self.query_one(RecordList)

    async def on_mount(self) -> None:
        self.rows.focus()
        self.set_class(is_armed(self._settings, self.app.way), "armed")  # type: ignore[attr-defined]
        await self._reload(self.query_shown, None)
        self.set_interval(30, self._draw_title)
        self.settle_what_broke_off()
        self.watch_files()
        if getattr(self.app, "pull_at_start", False):
            self.action_pull()

    def on_resize(self) -> None:
        size = self.app.size
        words = f"tokendesk needs {SMALLEST} cells; this terminal has {size.width} x {size.height}."
        self.query_one("#too-small", Static).update(words)

    def on_unmount(self) -> None:
        self._reading.close()

    # --- what is shown

    async def watch_query_shown(self, before: Query, after: Query) -> None:
        if before != after:
            self._before = before
            keep = None
            if (row_id := self.rows.row_id) is not None and before.pane == after.pane:
                keep = self._reading.near.records(after.pane, (row_id,)).get(row_id)
            await self._show(after, keep)

    async def _show(self, query: Query, keep: str | None) -> None:
        """Bring list, scope, tabs and title to `query`; the cursor to the record `keep`."""
        now = self._clock()
        pane = self._reading.near.panes[query.pane]
        try:
            ids = await self._reading.ids(query, now)
        except FilterError as error:
            # At the end of the line it is most likely not typed to its end yet.
            typing = self.query_one(FilterInput).has_focus and error.end >= len(query.filter)
            self._say_state("   ".join(filter(None, (self._mark_words(), str(error)))), wrong=not typing)
            return
        except sqlite3.Error as error:
            self._say_state(f"The snapshot cannot be read: {error}. ctrl+r pulls it again.", wrong=True)
            return
        if ids is None or query != self.query_shown:
            return
        if not ids and self.rows.ids and self.query_one(FilterInput).is_in_a_name:
            return  # the rows stay while the name of a field is being typed
        self.rows.show(
            ids,
            columns=list_columns(pane),
            fetch=lambda wanted: fetch_lines(self._reading.near, pane, wanted, self._clock()),
            keep=self._reading.near.find(query.pane, keep) if keep is not None else None,
            empty=self._why_empty(query),
            sorted_by=query.sort or pane.default_sort,
        )
        total = self._reading.near.count(pane)
        shown = f"{len(ids):,}" if len(ids) == total else f"{len(ids):,} of {total:,}"
        self.rows.border_title = Content(pane.title)
        self.rows.border_subtitle = Content(shown)
        self._say_marks()
        self._draw_title()

    async def _reload(self, query: Query, keep: str | None) -> None:
        """Show `query` with counts that are new too: another pane, snapshot or note."""
        self.set_reactive(MainScreen.query_shown, query)
        self.query_one("#filter", Input).value = query.filter
        await self._tell_marks()
        await self._show(query, keep)
        await self._count(query)

    async def _count(self, query: Query) -> None:
        from tokendesk.views.counts import scope_counts
        from tokendesk.views.goals import goal_words

        now = self._clock()
        counts = await self._reading.ask(lambda reader: scope_counts(reader, query.pane, now))
        if query.pane == self.query_shown.pane:
            self.query_one(ScopePane).show(counts, self._scope, self._habits.saved(query.pane))
        near = self._reading.near
        tabs = [(name, near.panes[name].title, near.count(near.panes[name])) for name in PANES]
        self.query_one(TabsLine).set_tabs(tabs, query.pane)
        goal = await self._reading.ask(lambda reader: goal_words(reader, now))
        self.query_one(TabsLine).set_goal(goal or "")

    def _mark_words(self) -> str:
        there = self.rows.marked
        seen = there.intersection(self.rows.ids) if there else ()
        return self._marks.words(self.query_shown.pane, list(map(str, seen)))

    def _say_marks(self) -> None:
        rows = self.rows
        total = self._reading.near.count(self.pane)
        count = f"{len(rows.ids):,} of {total:,}" if self.query_shown.filter else ""
        self._say_state("   ".join(filter(None, (self._mark_words(), count))))
        self.say_target()

    @on(RecordList.MarksChanged)
    async def _keep_marks(self, event: RecordList.MarksChanged) -> None:
        pane = self.query_shown.pane
        if not event.row_ids and not event.on:
            self._marks.of(pane).clear()
        else:
            self._marks.put(pane, self._reading.near.records(pane, event.row_ids).values(), event.on)
        await self._tell_marks()
        self._say_marks()
        if "marked" in self.query_shown.filter:
            await self._show(self.query_shown, None)

    async def _tell_marks(self) -> None:
        """Let the reading thread and the list know the marks of this pane."""
        pane, records = self.query_shown.pane, tuple(self._marks.of(self.query_shown.pane))
        self.rows.marked = self._reading.near.rows_of(pane, records) if records else set()
        await self._reading.ask(lambda reader: reader.marked(pane, records))

    @property
    def _scope(self) -> Scope | None:
        return self.query_shown.scopes[0] if self.query_shown.scopes else None

    def _why_empty(self, query: Query) -> str:
        if self._reading.near.info is None:
            return "No snapshot yet: ctrl+r pulls one."
        many = self._reading.near.panes[query.pane].many
        if query.filter:
            return "Nothing matches. / changes the filter, esc goes back."
        if query.scopes:
            return f"No {many} here. esc goes back."
        return f"The organization has no {many}."

    def _draw_title(self) -> None:
        info = self._reading.near.info
        query = self.query_shown
        path = [
            clean(info.org_name or info.org_id) if info else "no snapshot",
            self._reading.near.panes[query.pane].title,
        ]
        path += [clean(scope.title) for scope in query.scopes]
        path += [clean(chip.text) for chip in conditions(query.filter, self.pane.fields)]
        right = source_words(self._settings, self.app.way, info.pulled_at if info else None, self._clock())  # type: ignore[attr-defined]
        tone = ""
        if info and info.policies_problem:
            right, tone = f"{right} · policies unknown", "$text-warning"
        self.query_one(TitleLine).set_parts(path, right, tone)

    def _say_state(self, words: str, *, wrong: bool = False) -> None:
        state = self.query_one("#filter-state", Line)
        state.set_class(wrong, "error")
        state.say(Content(words))

    @on(RecordList.Highlighted)
    def _show_details(self, event: RecordList.Highlighted) -> None:
        pane = self.query_one(DetailsPane)
        if event.row_id is None:
            pane.show(None)
            return
        pane.show(details(self._reading.near, self.query_shown.pane, event.row_id, self._clock()))

    # --- filter

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        if event.value != self.query_shown.filter:
            self.query_shown = self.query_shown.narrowed(event.value)

    @on(Input.Submitted, "#filter")
    def _keep_filter(self) -> None:
        if self.query_shown.filter.strip():
            self._habits.remember(self.query_shown.pane, self.query_shown.filter.strip())
        self.rows.focus()

    def action_edit_filter(self) -> None:
        self._filter_before = self.query_shown.filter
        line = self.query_one(FilterInput)
        line.history = self._habits.history(self.query_shown.pane)
        line.focus()

    def set_filter(self, text: str) -> None:
        self.query_one("#filter", Input).value = text

    @on(FilterInput.Offered)
    def _offer(self, event: FilterInput.Offered) -> None:
        hints = self.query_one("#hints", Line)
        hints.set_class(bool(event.candidates), "offering")
        words = "   ".join(clean(candidate) for candidate in event.candidates[:_MOST_OFFERED])
        more = len(event.candidates) - _MOST_OFFERED
        hints.say(Content(f" tab  {words}" + (f"   and {more} more" if more > 0 else "")))

    @on(events.DescendantBlur)
    def _end_offer(self) -> None:
        self.query_one("#hints", Line).remove_class("offering")

    @on(RecordList.HeaderClicked)
    def _sort_clicked(self, event: RecordList.HeaderClicked) -> None:
        self._sort_by(self.pane.column(event.column.name), more=False)

    @work
    async def action_save_filter(self) -> None:
        here = self.query_shown
        if not here.filter.strip():
            self.notify("There is no filter to save. / types one.", severity="warning")
            return
        name = await self.app.push_screen_wait(NameScreen("Save filter", f"A name for: {clean(here.filter)}"))
        if name:
            self._habits.save(here.pane, name, here.filter.strip())
            await self._count(here)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self._reading.near.panes[self.query_shown.pane]))

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
        await self._tell_marks()
        await self._show(query, keep)
        await self._count(query)

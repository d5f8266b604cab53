"""From a query to what the widgets show: the rows first, all else when they are painted."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.worker import Worker

from tokendesk.config import Settings
from tokendesk.filtering.errors import FilterError
from tokendesk.tui.habits import Habits
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Page, Reading
from tokendesk.tui.rows import fetch_lines, list_columns
from tokendesk.tui.widgets.lines import KeyBar, Line, TabsLine
from tokendesk.tui.widgets.marking import MarksChanged
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.row_strips import Line as RowLine
from tokendesk.views.panes import Pane
from tokendesk.views.query import PANES, Query, Scope

if TYPE_CHECKING:
    from tokendesk.tui.leaving import Screen as _Base
    from tokendesk.tui.widgets.details import DetailsPane
    from tokendesk.tui.widgets.scope_pane import ScopePane
else:
    _Base = object

_REST = 0.12
"""Seconds without a step of the cursor after which the details follow it."""
_REST_TYPING = 0.3
"""The same while a filter is typed: the next letter must not find the screen busy with details of the last one."""
_PAINT = 0.03
"""Seconds that the first rows have to be painted in before all the others are looked for."""
_FEW = 500
"""Rows whose ids are looked up while a frame waits: about a millisecond."""
_NONE_YET = {
    "changes": "No pull has seen a change yet: it takes two pulls.",
    "journal": "Nothing was moved or revoked yet. m and X begin with a review.",
}


class Showing(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen. Handlers go by their names: `@on` would not be found in a mixin."""

    query_shown: Query
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]
    _marks: Marks
    _habits: Habits
    _values: dict[tuple[str, str], tuple[tuple[str, int], ...]]
    scope_pane: "ScopePane | None" = None
    details_pane: "DetailsPane | None" = None
    """Neither is there before the first frame."""
    _due: asyncio.TimerHandle | None = None
    _stepped = 0.0
    _rows_of: Query | None = None

    if TYPE_CHECKING:  # written in another mixin, which must not be hidden here

        def say_target(self) -> None: ...

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    @property
    def pane(self) -> Pane:
        return self._reading.near.panes[self.query_shown.pane]

    def draw_title(self) -> None:
        raise NotImplementedError

    @property
    def is_typing(self) -> bool:
        """Whether the filter line has the focus."""
        return self.focused is not None and self.focused.id == "filter"

    @property
    def is_half_typed(self) -> bool:
        from tokendesk.tui.widgets.filter_input import FilterInput

        return self.query_one(FilterInput).is_half_typed

    def begin(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Do `work` beside all else; what was begun before in its group is given up."""
        if not self.is_leaving:
            _: Worker[None] = self.run_worker(work, group=group, exclusive=True)

    # --- rows

    async def _show(self, query: Query, keep: str | None) -> None:
        """Bring list and title to `query`; the cursor to the record `keep`."""
        await self._show_row(query, self._reading.near.find(query.pane, keep) if keep is not None else None)

    async def _show_row(self, query: Query, keep: int | None, *, typing: bool = False) -> None:
        """`keep`: the row for the cursor, which goes to the top without it."""
        now, reading = self._clock(), self._reading
        try:
            page = await reading.first(query, now, self._first_rows)
            if page is not None and keep is not None and not page.whole and keep not in page.ids:
                ids = await reading.ids(query, now)
                page = Page(ids, True, {}) if ids is not None else None
            if page is None or query != self.query_shown or reading is not self._reading:
                return
            if typing and not page.ids and self.rows.ids and self.is_half_typed:
                # The rows stay while a name or a value is being typed.
                self.say_state("   ".join(filter(None, (self._mark_words(), "nothing matches yet"))))
                return
            self._show_page(query, page, keep)
            if not page.whole:
                await asyncio.sleep(_PAINT)
                if reading is not self._reading:
                    return  # closed meanwhile: what replaced it shows its own rows
                ids = await reading.ids(query, now)
                if ids is not None and query == self.query_shown and reading is self._reading:
                    self.rows.extend(ids)
                    self._say_count(len(ids))
        except FilterError as error:
            # At the end of the line it is most likely not typed to its end yet.
            unfinished = self.is_typing and error.end >= len(query.filter)
            self.say_wrong(str(error), wrong=not unfinished)
        except sqlite3.Error as error:
            self.say_state(f"The snapshot cannot be read: {error}. ctrl+r pulls it again.", wrong=True)

    @property
    def _first_rows(self) -> int:
        """How many rows are asked for before all others: what the list can show, and a little more."""
        return max(24, self.app.size.height)

    def _show_page(self, query: Query, page: Page, keep: int | None) -> None:
        self._rows_of = query
        pane, near = self.pane, self._reading.near

        def fetch(wanted: Sequence[int]) -> Mapping[int, RowLine]:
            # Where the files were opened anew `near` is closed, and the list may be drawn before its new rows come.
            return fetch_lines(near, pane, wanted, self._clock()) if near is self._reading.near else {}

        self.rows.show(
            page.ids,
            columns=list_columns(pane),
            fetch=fetch,
            lines=page.lines,
            whole=page.whole,
            keep=keep,
            empty=self._why_empty(query),
            sorted_by=query.sort or pane.default_sort,
        )
        self.rows.border_title = Content(pane.title)
        self._say_count(len(page.ids) if page.whole else None)
        self.draw_title()

    def show_at_once(self, query: Query) -> None:
        """Show the first rows by the connection at hand: the others are not open yet."""
        now, near = self._clock(), self._reading.near
        found = near.first(query, now, self._first_rows)
        lines = fetch_lines(near, self.pane, found.ids[: self._first_rows], now)
        self._show_page(query, Page(found.ids, found.whole, lines), None)

    async def on_record_list_nearing(self, event: RecordList.Nearing) -> None:
        pane, now = self.pane, self._clock()
        self.begin(partial(self._learn, event, pane, now), "ahead")

    async def _learn(self, event: RecordList.Nearing, pane: Pane, now: int) -> None:
        lines = await self._reading.ask(lambda reader: fetch_lines(reader, pane, event.row_ids, now))
        self.rows.learn(lines, event.generation)

    def _why_empty(self, query: Query) -> str:
        if self._reading.near.info is None:
            return "No snapshot yet: ctrl+r pulls one."
        many = self._reading.near.panes[query.pane].many
        if query.filter:
            return "Nothing matches. / changes the filter, esc goes back."
        if query.scopes:
            return f"No {many} here. esc goes back."
        return _NONE_YET.get(query.pane, f"The organization has no {many}.")

    # --- counts

    async def _reload(self, query: Query, keep: str | None) -> None:
        """Show `query` with counts that are new too: another pane, snapshot or note."""
        self.take_query(query)
        self._tell_marks()
        await self._show(query, keep)
        await self._count(query)

    def take_query(self, query: Query) -> None:
        """Have `query` stand on the screen without showing its rows yet."""
        raise NotImplementedError

    async def _count(self, query: Query) -> None:
        from tokendesk.views.counts import scope_counts
        from tokendesk.views.goals import goal_words

        self._values.clear()
        now = self._clock()
        counts = await self._reading.ask(lambda reader: scope_counts(reader, query.pane, now))
        if query.pane == self.query_shown.pane and self.scope_pane is not None:
            self.scope_pane.show(counts, self._scope, self._habits.saved(query.pane))
        self.show_tabs()
        goal = await self._reading.ask(lambda reader: goal_words(reader, now))
        self.query_one(TabsLine).set_goal(goal or "")

    def show_tabs(self) -> None:
        near = self._reading.near
        tabs = [(name, near.panes[name].title, near.living(near.panes[name])) for name in PANES]
        self.query_one(TabsLine).set_tabs(tabs, self.query_shown.pane)

    def mark_scope(self, scope: Scope | None) -> None:
        """Have the scope pane show which of its lines the list is narrowed to."""
        if self.scope_pane is not None:
            self.scope_pane.mark_current(scope)

    @property
    def _scope(self) -> Scope | None:
        return self.query_shown.scopes[0] if self.query_shown.scopes else None

    def _say_count(self, count: int | None) -> None:
        """`count`: the rows shown; None while they are being counted."""
        total = self._reading.near.count(self.pane)
        shown = "…" if count is None else f"{count:,}"
        gone = self._reading.near.revoked() if self.pane.name == "tokens" and count == total else 0
        all_of_them = f"{total - gone:,} · {gone:,} revoked" if gone else shown
        self.rows.border_subtitle = Content(all_of_them if count == total else f"{shown} of {total:,}")
        marks = self._mark_words() if count is not None else ""
        of_total = f"{shown} of {total:,}" if self.query_shown.filter else ""
        self.say_state("   ".join(filter(None, (marks, of_total))))
        if count is not None:
            self.say_target()

    def say_state(self, words: str, *, wrong: bool = False) -> None:
        for state in self.query("#filter-state").results(Line):
            state.set_class(wrong, "error")
            state.say(Content(words))

    def say_wrong(self, words: str, *, wrong: bool) -> None:
        """Say what the filter line cannot be read for; all of it below where there is too little room beside."""
        self.say_state("   ".join(filter(None, (self._mark_words(), words))), wrong=wrong)
        bar, room = self.query_one(KeyBar), self.query_one("#filter-state", Line).size.width - 2
        typing = self.is_typing
        if typing and cell_len(words) > room and (wrong or not bar.offers):
            bar.offer(Content.assemble((" ! ", "bold $text-error"), (words, "$text-error" if wrong else "")))

    def catch_up(self) -> None:
        """Show the rows of the filter that stands there, where those of an earlier one stayed while it was typed."""
        if self._rows_of is not None and self._rows_of != self.query_shown:
            self.begin(partial(self._show_row, self.query_shown, None), "rows")

    # --- marks

    def _mark_words(self) -> str:
        there = self.rows.marked
        seen = there.intersection(self.rows.ids) if there else ()
        return self._marks.words(self.query_shown.pane, len(seen))

    async def on_marks_changed(self, event: MarksChanged) -> None:
        pane = self.query_shown.pane
        if not event.row_ids and not event.on:
            self._marks.of(pane).clear()
        else:
            if len(event.row_ids) <= _FEW:
                # At once: the next key may be about what is marked.
                records = self._reading.near.records(pane, event.row_ids)
            else:
                records = await self._reading.ask(lambda reader: reader.records(pane, event.row_ids))
            self._marks.put(pane, records.values(), event.on)
        self._reading.tell_marks(pane, tuple(self._marks.of(pane)))
        self._say_count(len(self.rows.ids))
        if "marked" in self.query_shown.filter:
            await self._show(self.query_shown, None)

    def _tell_marks(self) -> None:
        """Let the reading thread and the list know the marks of this pane."""
        pane = self.query_shown.pane
        self.rows.marked = self._reading.tell_marks(pane, tuple(self._marks.of(pane)))

    # --- details

    def on_record_list_highlighted(self) -> None:
        """Follow the cursor: at once where it stood still before, else when it rests."""
        before, self._stepped = self._stepped, monotonic()
        if self._due is not None:
            self._due.cancel()
            self._due = None
        typing = self.is_typing
        if self._stepped - before > _REST and not typing:
            self.call_after_refresh(self._follow_cursor)
        else:
            rest = _REST_TYPING if typing else _REST
            self._due = asyncio.get_running_loop().call_later(rest, self._follow_cursor)

    def on_details_pane_shown(self) -> None:
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        if self.is_attached and self.details_pane is not None and self.details_pane.region.width:
            self.begin(self._show_details, "details")

    async def _show_details(self) -> None:
        from tokendesk.views.details import details

        pane, row_id, now = self.query_shown.pane, self.rows.row_id, self._clock()
        found = None
        if row_id is not None:
            found = await self._reading.ask(lambda reader: details(reader, pane, row_id, now))
        if self.details_pane is not None:
            self.details_pane.show(found)

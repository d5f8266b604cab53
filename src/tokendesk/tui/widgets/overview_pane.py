"""The overview as a page of bars, columns and curves, with a cursor on the numbers."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Spacing
from textual.message import Message
from textual.widgets import Static

from tokendesk.tui.widgets.overview_drawing import Drawing, Stop, draw_overview
from tokendesk.views.overview import Line, Section
from tokendesk.views.query import Query


class OverviewPane(VerticalScroll, can_focus=False):
    """Posts `Chosen` with the query of a number."""

    class Chosen(Message):
        def __init__(self, query: Query) -> None:
            super().__init__()
            self.query = query

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._sections: Sequence[Section] = ()
        self._cursor: Line | None = None
        self._drawing = Drawing((), ())

    def compose(self) -> ComposeResult:
        yield Static("Counting …", id="overview-text", markup=False)

    def show(self, sections: Sequence[Section], at: Query | None) -> None:
        """Show the sections, with the cursor on the number that `at` came from, or on the first one."""
        self._sections = sections
        self._draw()
        stops = [stop for stop in self._drawing.stops if stop.by_key]
        here = (stop for stop in stops if at is not None and stop.line.query.scopes[0] in at.scopes)
        self._go_to(next(here, stops[0] if stops else None))

    def on_resize(self) -> None:
        self._draw()
        if (stop := self._stop) is not None:
            self.call_after_refresh(self._show_stop, stop)

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if self._sections and width:
            self._drawing = draw_overview(self._sections, width, self._cursor)
            self.query_one("#overview-text", Static).update(Content("\n").join(self._drawing.rows))

    # --- the cursor

    @property
    def _stop(self) -> Stop | None:
        return next((stop for stop in self._drawing.stops if stop.by_key and stop.line == self._cursor), None)

    def _go_to(self, stop: Stop | None) -> None:
        if stop is not None:
            self._cursor = stop.line
            self._draw()
            self.call_after_refresh(self._show_stop, stop)

    def _show_stop(self, stop: Stop) -> None:
        is_first = stop.top <= 1
        region = Region(0, 0 if is_first else stop.top, 1, stop.top + 1 if is_first else stop.height + 1)
        self.scroll_to_region(region, spacing=Spacing(1, 0, 1, 0), animate=False, force=True, x_axis=False)

    def step(self, rows: int) -> None:
        """Go to the next number below, or above, in the same column; at least `rows` away if there is one."""
        here = self._stop
        if here is None:
            return
        way = 1 if rows > 0 else -1
        column = [stop for stop in self._drawing.stops if stop.by_key and _is_below(stop, here)]
        ahead = sorted((stop for stop in column if (stop.top - here.top) * way > 0), key=lambda s: s.top * way)
        far = [stop for stop in ahead if (stop.top - here.top) * way >= abs(rows)]
        if ahead:
            nearest = far[0] if far else ahead[-1]
            self._go_to(min((stop for stop in ahead if stop.top == nearest.top), key=lambda s: abs(s.left - here.left)))
        elif way < 0:
            self.scroll_home(animate=False)

    def page(self, way: int) -> None:
        self.step(way * max(1, self.size.height - 2))

    def step_aside(self, way: int) -> None:
        """Go to the next week, or to the number at the same height in the other column."""
        here = self._stop
        if here is None:
            return
        stops = [stop for stop in self._drawing.stops if stop.by_key and (stop.left - here.left) * way > 0]
        beside = [stop for stop in stops if stop.top == here.top and stop.height == here.height > 1]
        if beside:
            self._go_to(min(beside, key=lambda stop: abs(stop.left - here.left)))
        elif others := [stop for stop in stops if not _is_below(stop, here)]:
            self._go_to(min(others, key=lambda stop: (abs(stop.top - here.top), abs(stop.left - here.left))))

    def go_to_end(self, *, last: bool) -> None:
        stops = [stop for stop in self._drawing.stops if stop.by_key]
        if stops:
            self._go_to(stops[-1 if last else 0])

    # --- choosing

    @property
    def query_at_cursor(self) -> Query | None:
        return self._cursor.query if self._cursor is not None else None

    def choose(self) -> None:
        if self._cursor is not None:
            self.post_message(self.Chosen(self._cursor.query))

    def on_click(self, event: events.Click) -> None:
        place = event.screen_offset - self.query_one("#overview-text", Static).content_region.offset
        for stop in self._drawing.stops:
            if stop.left <= place.x < stop.right and stop.top <= place.y < stop.top + stop.height:
                self.post_message(self.Chosen(stop.line.query))
                return


def _is_below(stop: Stop, here: Stop) -> bool:
    """Whether both stand in the same column: the bars of a column are as wide as it is."""
    return (stop.left < here.right and here.left < stop.right) or (stop.height > 1 and here.height > 1)

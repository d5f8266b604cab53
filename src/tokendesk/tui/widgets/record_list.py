"""A list of any length that keeps ids and fetches only the rows on screen."""

from collections.abc import Callable, Mapping, Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokendesk.tui.actions import bindings
from tokendesk.tui.availability import ROWS_PENDING
from tokendesk.tui.widgets.columns import ListColumn, fit_columns, fit_text
from tokendesk.tui.widgets.mark_model import MarkModel
from tokendesk.tui.widgets.row_strips import (
    ENOUGH,
    MORE_WIDTH,
    RowCells,
    RowStyles,
    header_strip,
    natural_widths,
    row_strip,
)
from tokendesk.tui.widgets.row_window import Fetch, RowWindow

_AHEAD = 2
"""Pages above and below the screen whose rows are prefetched."""
_STRIPS_KEPT = 500
_SAMPLE = 40


class RecordList(ScrollView, can_focus=True):
    """Rows by id, drawn with Textual's line API.

    Call `show` to set the rows. It calls `fetch` with the ids of a page, and posts `Nearing` with ids needed soon
    (pass their rows to `learn`), `Highlighted` and `Opened` with the id of a row, and `MarksChanged`.
    """

    BINDINGS = bindings("list")
    ACTS_ALONE = True
    COMPONENT_CLASSES = {
        "record-list--header",
        "record-list--cursor",
        "record-list--cursor-blurred",
    }
    DEFAULT_CSS = """
    RecordList {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    # Avoids a layout of the screen, and a second drawing of the same rows, when their number changes.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)
    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        def __init__(self, row_id: int | None) -> None:
            super().__init__()
            self.row_id = row_id

    class Opened(Message):
        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class Nearing(Message):
        """`row_ids` are near the screen, and their rows not loaded."""

        def __init__(self, row_ids: Sequence[int], generation: int) -> None:
            super().__init__()
            self.row_ids = row_ids
            self.generation = generation

    class HeaderClicked(Message):
        def __init__(self, column: ListColumn) -> None:
            super().__init__()
            self.column = column

    class ColumnMoved(Message):
        """The column cursor is on another column."""

    class MarksChanged(Message):
        """`row_ids` were marked or unmarked; without `row_ids`, all marks were removed."""

        def __init__(self, row_ids: Sequence[int], on: bool) -> None:
            super().__init__()
            self.row_ids = row_ids
            self.on = on

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.marks = MarkModel()
        self._window = RowWindow()
        self._columns: Sequence[ListColumn] = ()
        self._widths: list[tuple[int, int]] = []
        self._fitted: tuple[int, bool] | None = None
        """The width, and whether the details were open, that the columns were fitted to."""
        self._natural: list[int] = []
        self._measured = 0
        """How many rows were measured for that."""
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._styles: RowStyles | None = None
        self._empty = ""
        self._sorted: Mapping[str, str] = {}
        self._is_chosen = False
        self._column = 0
        self.is_complete = True  # all ids are known, not only the first ones
        self._waiting: list[Callable[[], None]] = []
        self.is_beside_details: Callable[[], bool] = lambda: False
        """Whether the details are open next to the list: some columns are worth less then."""
        self.when_fitted: Callable[[], None] = lambda: None
        """Called after other columns are shown than before, or other widths."""
        self.are_current: Callable[[], bool] = lambda: True
        """Whether these rows are the ones meant: while others are loading, none is marked or opened."""

    @property
    def row_id(self) -> int | None:
        """The id of the row under the cursor."""
        return self.ids[self.cursor] if 0 <= self.cursor < len(self.ids) else None

    @property
    def ids(self) -> Sequence[int]:
        return self._window.ids

    def show(
        self,
        ids: Sequence[int],
        *,
        columns: Sequence[ListColumn],
        fetch: Fetch,
        lines: Mapping[int, RowCells] = {},
        complete: bool = True,
        keep: int | None = None,
        empty: str = "",
        sorted_by: Sequence[str] = (),
        chosen: bool = False,
    ) -> None:
        """Show the rows `ids`. The cursor goes to the row `keep` if it is among them, else to the top.

        `lines`: rows already loaded. `complete`: False if `extend` follows with more ids. `chosen`: somebody chose
        the columns, and is told how many have no room.
        """
        self.is_complete = complete
        self._waiting.clear()
        if tuple(columns) != tuple(self._columns):
            names = [column.name for column in columns]
            self._column = names.index(self.column_name) if self.column_name in names else 0
            self._columns = tuple(columns)
            self._natural, self._fitted = [], None
        self._sorted = {name.removeprefix("-"): "▼" if name.startswith("-") else "▲" for name in sorted_by[:1]}
        self.marks.cancel_range()
        # The first rows are scrolled no further than needed, later ones stay where they are on screen.
        offset = self.cursor - int(self.scroll_offset.y) if self.ids else self._page - 1
        self._window.fetch = fetch
        self._window.ids = ids
        self.forget()
        self._window.learn(lines)
        self._empty, self._is_chosen = empty, chosen
        if ids and (not self._natural or self._measured < min(len(ids), ENOUGH)):
            self._measure()
        place = self._window.index(keep) if keep is not None else None
        self._set_length()
        self.set_reactive(RecordList.cursor, place or 0)
        self._scroll(max(0, (place or 0) - offset) if place is not None else 0)
        self._keep_in_sight()
        self.post_message(self.Highlighted(self.row_id))

    def extend(self, ids: Sequence[int]) -> None:
        """Replace the ids by `ids`, which begin with those shown."""
        drawn = len(self.ids)
        self._window.ids = ids
        self.is_complete = True
        self._set_length()
        if drawn < self._places().stop:
            self.refresh()  # the list has grown since
        for act in self._waiting:
            act()
        self._waiting.clear()

    def when_complete(self, act: Callable[[], None]) -> None:
        """Call `act` when all ids are known, possibly at once."""
        if self.is_complete:
            act()
        else:
            self._waiting.append(act)

    def learn(self, lines: Mapping[int, RowCells], generation: int) -> None:
        """Add rows requested by `Nearing`."""
        if generation == self._window.generation:
            self._window.learn(lines)

    def _measure(self) -> None:
        """Measure the columns' texts, once per pane, so that columns keep their width during typing."""
        if not self._window.lines:
            self._window.line(0, range(_SAMPLE))
        sample = list(self._window.lines.values())
        self._natural, self._measured, self._fitted = natural_widths(self._columns, sample), len(sample), None

    def forget(self) -> None:
        """Reload and redraw all rows."""
        self._window.forget()
        self._strips.clear()
        self.refresh()

    def redraw(self) -> None:
        """Redraw all rows, whose texts are unchanged."""
        self._strips.clear()
        self.refresh()

    def go_to(self, row_id: int) -> bool:
        place = self._window.index(row_id)
        if place is not None:
            self.cursor = place
        return place is not None

    def _set_length(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.ids) + 1)
        if self.show_vertical_scrollbar and self.is_complete:  # until then it stays as it is, instead of flickering
            self.vertical_scrollbar.window_virtual_size = len(self.ids) + 1
            self.vertical_scrollbar.window_size = self.size.height

    # --- marking

    def _can_act(self) -> bool:
        if not self.are_current():
            self.notify(f"Nothing was done: {ROWS_PENDING}", severity="warning")
            return False
        return self.row_id is not None

    def action_mark(self) -> None:
        if self._can_act() and self.row_id is not None:
            self._mark((self.row_id,), self.row_id not in self.marks.row_ids)
            self.cursor += 1

    def action_mark_all(self) -> None:
        if self._can_act():
            self.when_complete(lambda: self._mark(self.ids, True))

    def action_mark_none(self) -> None:
        self.marks.clear()
        self.redraw()
        self.post_message(self.MarksChanged((), False))

    def action_range(self) -> None:
        """Start a range at the cursor, or mark the range up to the cursor."""
        if not self._can_act():
            return
        if self.marks.has_range:
            self._mark(self.marks.end_range(self.cursor, self.ids), True)
        else:
            self.marks.begin_range(self.cursor)

    def action_extend(self, step: int) -> None:
        """Mark this row and the next one in the direction of `step`."""
        if self._can_act() and self.row_id is not None:
            first = self.row_id
            self.cursor += step
            self._mark((first, self.row_id), True)

    def _mark(self, row_ids: Sequence[int], on: bool) -> None:
        self.marks.put(row_ids, on)
        self.redraw()
        self.post_message(self.MarksChanged(row_ids, on))

    # --- drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        self._fit(width)
        if self._styles is None:
            self._styles = RowStyles(self, "record-list")
        if y == 0:
            return header_strip(
                self._styles, self._columns, self._widths, width, self._column, self._sorted, chosen=self._is_chosen
            )
        index = int(self.scroll_offset.y) + y - 1
        if index >= len(self.ids):
            text = "" if self.ids else self._line_of_empty(y - 2, width)
            return Strip([Segment(fit_text("  " + text if text else "", width), self._styles.of("dim"))], width)
        row_id = self.ids[index]
        at_cursor = index == self.cursor
        strip = self._strips.get((row_id, at_cursor))
        if strip is None:
            if len(self._strips) > _STRIPS_KEPT:
                self._strips.clear()
            cursor = ("cursor" if self.has_focus else "cursor-blurred") if at_cursor else ""
            line = self._window.line(index, self._places())
            marked = row_id in self.marks.row_ids
            strip = row_strip(self._styles, line, self._columns, self._widths, width, cursor=cursor, marked=marked)
            self._strips[row_id, at_cursor] = strip
        return strip

    def _line_of_empty(self, number: int, width: int) -> str:
        """Return a line of the reason why there are no rows."""
        import textwrap

        lines = textwrap.wrap(self._empty, max(8, width - 4))
        return lines[number] if 0 <= number < len(lines) else ""

    def _fit(self, width: int) -> None:
        """Distribute the width if it, the details beside it or the columns have changed."""
        beside = self.is_beside_details()
        if self._fitted != (width, beside):
            natural = self._natural or [column.width for column in self._columns]
            self._fitted = width, beside
            self._widths = fit_columns(self._columns, natural, width, beside_details=beside)
            if self._is_chosen and len(self._widths) < len(self._columns):
                room = width - MORE_WIDTH
                self._widths = fit_columns(self._columns, natural, room, beside_details=beside)
            self._strips.clear()
            self.call_later(self.when_fitted)

    def _places(self, ahead: int = 0) -> range:
        """Return the indexes on screen, with `ahead` pages above and below."""
        top = int(self.scroll_offset.y)
        return range(top - ahead * self._page, top + (ahead + 1) * self._page)

    def _look_ahead(self) -> None:
        if not self.size.height:
            return
        # Fetch again only after half of the last fetch has been passed.
        if self._window.missing(self._places(_AHEAD // 2)) and (missing := self._window.missing(self._places(_AHEAD))):
            self.post_message(self.Nearing(missing, self._window.generation))

    # --- moving

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.ids) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        if before == after:
            return
        self._keep_in_sight()
        self._look_ahead()
        top = int(self.scroll_offset.y)
        for index in (before, after):
            if 0 <= index - top < self._page:
                self.refresh(Region(0, index - top + 1, self.size.width, 1))
        self.post_message(self.Highlighted(self.row_id))

    def _keep_in_sight(self) -> None:
        top = int(self.scroll_offset.y)
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + self._page:
            self._scroll(self.cursor - self._page + 1)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def action_cursor_down(self) -> None:
        self.cursor += 1

    def action_cursor_up(self) -> None:
        self.cursor -= 1

    def action_page_down(self) -> None:
        self.cursor += self._page - 1

    def action_page_up(self) -> None:
        self.cursor -= self._page - 1

    @property
    def columns_shown(self) -> tuple[str, ...]:
        """The names of the columns that have room."""
        self._fit(self.scrollable_content_region.width)
        return tuple(self._columns[number].name for number, _ in self._widths)

    @property
    def column_name(self) -> str | None:
        """The column that sorting and filtering by value use."""
        return self._columns[self._column].name if self._columns else None

    def action_column(self, step: int) -> None:
        """Move the column cursor among the visible columns."""
        self._fit(self.scrollable_content_region.width)  # they may have changed since the last drawing
        shown = [number for number, _ in self._widths]
        if shown:
            at = shown.index(self._column) if self._column in shown else 0
            self._column = shown[max(0, min(at + step, len(shown) - 1))]
            self.refresh()
            self.post_message(self.ColumnMoved())

    def action_top(self) -> None:
        self.cursor = 0

    def action_bottom(self) -> None:
        self.when_complete(lambda: setattr(self, "cursor", len(self.ids) - 1))

    def action_open(self) -> None:
        if self._can_act() and self.row_id is not None:
            self.post_message(self.Opened(self.row_id))

    def on_resize(self) -> None:
        self._set_length()
        self._keep_in_sight()

    def on_focus(self) -> None:
        self._redraw_cursor()

    def on_blur(self) -> None:
        self._redraw_cursor()

    def _redraw_cursor(self) -> None:
        if self.row_id is not None:
            self._strips.pop((self.row_id, True), None)
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles = None
        self._strips.clear()
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self._click_header(offset.x)
            return
        index = int(self.scroll_offset.y) + offset.y - 1
        if index < len(self.ids):
            self.cursor = index
            if event.chain == 2:
                self.action_open()

    def _click_header(self, x: int) -> None:
        left = 2
        for number, width in self._widths:
            if left <= x < left + width + 2:
                self.post_message(self.HeaderClicked(self._columns[number]))
                return
            left += width + 2

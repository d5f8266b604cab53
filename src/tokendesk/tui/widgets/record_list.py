"""A list of any length: it holds ids and asks for the few rows that are on screen. It does not know what a row is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokendesk.tui.keys import bindings
from tokendesk.tui.widgets.columns import ListColumn, fit_columns, fit_text


@dataclass(frozen=True, slots=True)
class Cell:
    """`tone` is the end of a component class: `record-list--tone-bad` for "bad"."""

    text: str
    tone: str = ""


Line = Sequence[Cell]
Fetch = Callable[[Sequence[int]], Mapping[int, Line]]

_AHEAD = 64
_KEPT = 4_000
_SAMPLE = 200


class RecordList(ScrollView, can_focus=True):
    """Rows by id on the line API.

    Feed it with `show`; it calls `fetch` with ids and posts `Highlighted` and `Opened` with the id of a row.
    """

    BINDINGS = bindings("list")
    COMPONENT_CLASSES = {
        "record-list--header",
        "record-list--cursor",
        "record-list--cursor-blurred",
        "record-list--tone-dim",
        "record-list--tone-good",
        "record-list--tone-warn",
        "record-list--tone-bad",
        "record-list--tone-mark",
    }
    DEFAULT_CSS = """
    RecordList {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        def __init__(self, row_id: int | None) -> None:
            super().__init__()
            self.row_id = row_id

    class Opened(Message):
        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class MarksChanged(Message):
        """`row_ids` were marked, or the marks taken off."""

        def __init__(self, row_ids: Sequence[int], on: bool) -> None:
            super().__init__()
            self.row_ids = row_ids
            self.on = on

    class HeaderClicked(Message):
        def __init__(self, column: ListColumn) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._ids: Sequence[int] = ()
        self._columns: Sequence[ListColumn] = ()
        self._shown: list[tuple[int, int]] = []
        self._natural: list[int] = []
        self._fetch: Fetch = lambda ids: {}
        self._lines: dict[int, Line] = {}
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._empty = ""
        self._sorted: Mapping[str, str] = {}
        self._column = 0
        self._range_from: int | None = None
        self.marked: set[int] = set()

    @property
    def row_id(self) -> int | None:
        """The id of the row under the cursor."""
        return self._ids[self.cursor] if 0 <= self.cursor < len(self._ids) else None

    @property
    def ids(self) -> Sequence[int]:
        return self._ids

    def show(
        self,
        ids: Sequence[int],
        *,
        columns: Sequence[ListColumn] | None = None,
        fetch: Fetch | None = None,
        keep: int | None = None,
        empty: str = "",
        sorted_by: Sequence[str] = (),
    ) -> None:
        """Show the rows `ids`. The cursor goes to the row `keep` where it is among them, else to the top."""
        if fetch is not None:
            self._fetch = fetch
        if columns is not None and tuple(columns) != tuple(self._columns):
            self._columns = tuple(columns)
            self._natural, self._shown = [], []
            self._column = 0
        self._sorted = {name.removeprefix("-"): "▼" if name.startswith("-") else "▲" for name in sorted_by}
        self._range_from = None
        self._ids = ids
        self._empty = empty
        if not self._natural and ids:
            self._measure()
        place = _index(ids, keep) if keep is not None else None
        offset = self.cursor - int(self.scroll_offset.y)
        self.forget()
        # `virtual_size` as a reactive would lay the whole screen out again at each keystroke.
        self.set_reactive(ScrollView.virtual_size, Size(self.size.width, len(ids) + 1))
        self.vertical_scrollbar.window_virtual_size = len(ids) + 1
        self.vertical_scrollbar.window_size = self.size.height
        self.set_reactive(RecordList.cursor, place or 0)
        self.scroll_to(
            y=max(0, (place or 0) - offset) if place is not None else 0,
            animate=False,
            immediate=True,
            force=True,
        )
        self._keep_in_sight()
        self.post_message(self.Highlighted(self.row_id))

    def _measure(self) -> None:
        """Learn how wide the columns' texts are; once for a pane, so that columns stand still while one types."""
        sample = self._fetch(self._ids[:_SAMPLE]).values()
        self._natural = [
            max(cell_len(column.title), _usual([cell_len(line[number].text) for line in sample]))
            for number, column in enumerate(self._columns)
        ]
        self._shown = []

    def forget(self) -> None:
        """Draw all rows anew: what they say may have changed."""
        self._lines.clear()
        self._strips.clear()
        self.refresh()

    def go_to(self, row_id: int) -> bool:
        place = _index(self._ids, row_id)
        if place is not None:
            self.cursor = place
        return place is not None

    # --- drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if len(self._natural) != len(self._columns):
            self._natural = [column.width for column in self._columns]
        if not self._shown or self._shown[-1] != (-1, width):
            self._shown = [*fit_columns(self._columns, self._natural, width), (-1, width)]
            self._strips.clear()
        base = self.rich_style
        if y == 0:
            return self._header(width, base)
        index = int(self.scroll_offset.y) + y - 1
        if index >= len(self._ids):
            text = self._empty if y == 2 and not self._ids else ""
            return Strip([Segment(fit_text("  " + text if text else "", width), base + self._tone("dim"))], width)
        row_id = self._ids[index]
        at_cursor = index == self.cursor
        strip = self._strips.get((row_id, at_cursor))
        if strip is None:
            if len(self._strips) > _KEPT:
                self._strips.clear()
            line = self._line(index)
            strip = self._strips[row_id, at_cursor] = self._draw(line, at_cursor, row_id in self.marked, width, base)
        return strip

    def _tone(self, tone: str) -> Style:
        return Style(color=self.get_component_rich_style(f"record-list--tone-{tone}").color)

    def _header(self, width: int, base: Style) -> Strip:
        style = base + self.get_component_rich_style("record-list--header")
        segments = [Segment("  ", style)]
        for number, column_width in self._shown[:-1]:
            column = self._columns[number]
            here = style + Style(underline=True) if number == self._column else style
            segments.append(Segment(fit_text(column.title, column_width, right=column.right), here))
            segments.append(Segment(f"{self._sorted.get(column.name, ' ')} ", style))
        return Strip(segments).adjust_cell_length(width, style)

    def _draw(self, line: Line | None, at_cursor: bool, marked: bool, width: int, base: Style) -> Strip:
        cursor = Style()
        if at_cursor:
            name = "record-list--cursor" if self.has_focus else "record-list--cursor-blurred"
            full = self.get_component_rich_style(name)
            cursor = Style(bgcolor=full.bgcolor, bold=full.bold)
        plain = base + cursor
        segments = [
            Segment("▌" if at_cursor else " ", plain),
            Segment("●" if marked else " ", base + self._tone("mark") + cursor),
        ]
        for number, column_width in self._shown[:-1]:
            if line is None:
                break
            cell = line[number]
            style = base + self._tone(cell.tone) + cursor if cell.tone else plain
            segments.append(Segment(fit_text(cell.text, column_width, right=self._columns[number].right), style))
            segments.append(Segment("  ", plain))
        return Strip(segments).adjust_cell_length(width, plain)

    def _line(self, index: int) -> Line | None:
        row_id = self._ids[index]
        if row_id not in self._lines:
            if len(self._lines) > _KEPT:
                self._lines.clear()
            start = max(0, index - _AHEAD)
            around = [i for i in self._ids[start : index + _AHEAD] if i not in self._lines]
            self._lines.update(self._fetch(around))
        return self._lines.get(row_id)

    # --- moving

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._ids) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        if before == after:
            return
        self._keep_in_sight()
        top = int(self.scroll_offset.y)
        for index in (before, after):
            if 0 <= index - top < self._page:
                self.refresh(Region(0, index - top + 1, self.size.width, 1))
        self.post_message(self.Highlighted(self.row_id))

    def _keep_in_sight(self) -> None:
        top = int(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif self.cursor >= top + self._page:
            self.scroll_to(y=self.cursor - self._page + 1, animate=False, immediate=True, force=True)

    def action_cursor_down(self) -> None:
        self.cursor += 1

    def action_cursor_up(self) -> None:
        self.cursor -= 1

    def action_page_down(self) -> None:
        self.cursor += self._page - 1

    def action_page_up(self) -> None:
        self.cursor -= self._page - 1

    @property
    def column_name(self) -> str | None:
        """The column that sorting and keeping a value are about."""
        return self._columns[self._column].name if self._columns else None

    def action_column(self, step: int) -> None:
        """Move the column cursor among the columns that are shown."""
        shown = [number for number, _ in self._shown[:-1]]
        if shown:
            at = shown.index(self._column) if self._column in shown else 0
            self._column = shown[max(0, min(at + step, len(shown) - 1))]
            self.refresh()

    def action_mark(self) -> None:
        if self.row_id is not None:
            self._mark((self.row_id,), self.row_id not in self.marked)
            self.cursor += 1

    def action_mark_all(self) -> None:
        self._mark(self._ids, True)

    def action_mark_none(self) -> None:
        self._mark(tuple(self.marked), False)
        self.post_message(self.MarksChanged((), False))

    def action_range(self) -> None:
        """Begin a range here; the second time, mark all from there to here."""
        if self._range_from is None:
            self._range_from = self.cursor
        else:
            first, last = sorted((self._range_from, self.cursor))
            self._range_from = None
            self._mark(self._ids[first : last + 1], True)

    @property
    def has_range(self) -> bool:
        return self._range_from is not None

    def end_range(self) -> None:
        self._range_from = None

    def action_extend(self, step: int) -> None:
        """Mark this row and the one the cursor steps to."""
        if self.row_id is not None:
            first = self.row_id
            self.cursor += step
            self._mark((first, self.row_id), True)

    def _mark(self, row_ids: Sequence[int], on: bool) -> None:
        if on:
            self.marked.update(row_ids)
        else:
            self.marked.difference_update(row_ids)
        self._strips.clear()
        self.refresh()
        self.post_message(self.MarksChanged(row_ids, on))

    def action_top(self) -> None:
        self.cursor = 0

    def action_bottom(self) -> None:
        self.cursor = len(self._ids) - 1

    def action_open(self) -> None:
        if self.row_id is not None:
            self.post_message(self.Opened(self.row_id))

    def on_resize(self) -> None:
        self.set_reactive(ScrollView.virtual_size, Size(self.size.width, len(self._ids) + 1))
        self.vertical_scrollbar.window_virtual_size = len(self._ids) + 1
        self.vertical_scrollbar.window_size = self.size.height
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
        if index < len(self._ids):
            self.cursor = index
            if event.chain == 2:
                self.action_open()

    def _click_header(self, x: int) -> None:
        left = 2
        for number, width in self._shown[:-1]:
            if left <= x < left + width + 2:
                self.post_message(self.HeaderClicked(self._columns[number]))
                return
            left += width + 2


def _index(ids: Sequence[int], row_id: int) -> int | None:
    try:
        return ids.index(row_id)
    except ValueError:
        return None


def _usual(widths: list[int]) -> int:
    """Return a width that nine of ten texts fit into: one long label must not starve its neighbours."""
    return sorted(widths)[len(widths) * 9 // 10] if widths else 0

"""Draws the sections of the overview: bars, columns and curves in one or two columns."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from tokendesk.model.timestamps import day
from tokendesk.tui.widgets.bars import bar, columns, spread
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.goal_progress import Progress
from tokendesk.views.overview import Line, Section

TWO_COLUMNS = 112
"""Cells from which the sections stand in two columns: each has room for 52 weeks."""
_GAP = 4
_WIDEST_BAR = 40
_HEIGHT = 4
"""Lines of the columns of weeks, and of a curve."""
_SIGN = "▌"


class Stop(NamedTuple):
    """Where a number stands. `by_key`: whether the cursor stops there; a click does everywhere."""

    line: Line
    top: int
    left: int
    right: int
    height: int = 1
    by_key: bool = True


class Drawing(NamedTuple):
    rows: Sequence[Content]
    stops: Sequence[Stop]


def draw_overview(sections: Sequence[Section], width: int, cursor: Line | None) -> Drawing:
    """Return rows of at most `width` cells; the one of `cursor` is marked."""
    if width < TWO_COLUMNS:
        return _below_each_other([_draw(section, width, cursor) for section in sections])
    half = (width - _GAP) // 2
    blocks = [_draw(section, half, cursor) for section in sections]
    heights = [*accumulate(len(block.rows) + 1 for block in blocks)]
    split = min(range(len(blocks)), key=lambda at: abs(2 * heights[at] - heights[-1])) + 1 if blocks else 0
    return _beside(_below_each_other(blocks[:split]), _below_each_other(blocks[split:]), half + _GAP)


def _below_each_other(blocks: Iterable[Drawing]) -> Drawing:
    rows: list[Content] = []
    stops: list[Stop] = []
    for block in blocks:
        if rows:
            rows.append(Content(""))
        stops += [stop._replace(top=stop.top + len(rows)) for stop in block.stops]
        rows += block.rows
    return Drawing(rows, stops)


def _beside(one: Drawing, other: Drawing, edge: int) -> Drawing:
    rows = []
    for number in range(max(len(one.rows), len(other.rows))):
        left = one.rows[number] if number < len(one.rows) else Content("")
        right = other.rows[number] if number < len(other.rows) else Content("")
        rows.append(Content.assemble(left.pad_right(max(0, edge - left.cell_length)), right))
    moved = [stop._replace(left=stop.left + edge, right=stop.right + edge) for stop in other.stops]
    return Drawing(rows, [*one.stops, *moved])


class _Block:
    """Collects the rows of one section."""

    def __init__(self, width: int, cursor: Line | None) -> None:
        self.width, self.cursor = width, cursor
        self.rows: list[Content] = []
        self.stops: list[Stop] = []

    def say(self, words: str, style: str, indent: str = "") -> None:
        lines = Content.styled(words, style).wrap(self.width - len(indent) - 1)
        self.rows += [Content.assemble(indent, line) for line in lines]

    def bars(self, lines: Sequence[Line]) -> None:
        numbers = max(cell_len(line.words) for line in lines)
        without = self.width - numbers - 5
        barred = [line for line in lines if not (line.urgent or line.is_rest)]
        widest = max(12, self.width * 45 // 100) if barred else without
        titles = min(max(cell_len(line.title) for line in lines), widest)
        room = min(_WIDEST_BAR, without - titles)
        most = max((line.total or line.count for line in barred), default=0)
        for line in lines:
            is_here = line == self.cursor
            row = Content.assemble(
                (_SIGN if is_here else " ", "$accent"),
                (fit_text(line.title, titles), ""),
                (f"  {line.words:>{numbers}} ", "bold $text-warning" if line.urgent else "bold"),
                (bar(line.count, most, room) if line in barred else "", "$accent"),
            )
            if is_here:
                row = row.pad_right(max(0, self.width - row.cell_length)).stylize("bold on $cursor")
            self.stops.append(Stop(line, len(self.rows), 0, self.width))
            self.rows.append(row)

    def weeks(self, weeks: Sequence[Line]) -> None:
        """Draw a column for each week above the names of the months, and what the cursor points at below."""
        shown = weeks[: self.width - 1]
        place = next((number for number, week in enumerate(shown) if week == self.cursor), None)
        for text in columns([week.count for week in shown], _HEIGHT):
            row = Content.assemble(" ", (text, "$accent"))
            self.rows.append(row if place is None else row.stylize("bold on $cursor", place + 1, place + 2))
        for number, week in enumerate(shown):
            if week.count:
                self.stops.append(Stop(week, len(self.rows) - _HEIGHT, number + 1, number + 2, _HEIGHT + 1))
        self.rows.append(Content.styled(f" {_months(shown)}", "$muted"))
        most = max(shown, key=lambda week: week.count)
        if place is not None:
            words = f"{shown[place].title}: {shown[place].words}"
            self.rows.append(Content.styled(_pointer(words, place + 1, self.width), "bold"))
        elif most.count:
            self.rows.append(Content.styled(f" At most {most.words} in a week.", "$muted"))
        else:
            self.rows.append(Content.styled(" No token expires in these weeks.", "$muted"))

    def curves(self, progress: Progress, lines: Sequence[Line]) -> None:
        """Draw what was undecided and in use, side by side, up to what there is now."""
        if len(progress.points) < 2:
            return
        room = (self.width - 3) // 2
        undecided, in_use = lines[:2]
        ways = (
            (undecided, [point.undecided for point in progress.points]),
            (in_use, [point.in_use for point in progress.points]),
        )
        top = len(self.rows)
        rows = [Content(" ")] * (_HEIGHT + 1)
        times = [point.at for point in progress.points]
        for number, (line, values) in enumerate(ways):
            cells = spread([*zip(times, values, strict=True)], room - 1)
            cells[-1] = line.count
            title = fit_text(f"{line.title}, {values[0]:,} to {line.count:,}", room)
            texts = [title, *(f"{text} " for text in columns(cells, _HEIGHT))]
            styles = ["$muted", *["$accent" if number else "$text-accent"] * _HEIGHT]
            rows = [
                Content.assemble(row, (text.ljust(room), style), " ")
                for row, text, style in zip(rows, texts, styles, strict=True)
            ]
            left = 1 + number * (room + 1)
            self.stops.append(Stop(line, top, left, left + room, _HEIGHT + 1, by_key=False))
        self.rows += rows
        begin = day(times[0])
        axis = f"{begin:<{max(0, room - 6)}}today"
        self.rows.append(Content.styled(f" {axis:<{room}} {axis}", "$muted"))


def _pointer(words: str, place: int, width: int) -> str:
    """Return `▲` at `place` with the words on the side that has more room for them."""
    right = width - place - 2
    if cell_len(words) <= right or right >= place:
        return f"{' ' * place}▲ {fit_text(words, right).rstrip()}"
    return f"{fit_text(words, place - 1, right=True)} ▲"


def _draw(section: Section, width: int, cursor: Line | None) -> Drawing:
    block = _Block(width, cursor)
    block.say(section.title, "bold $text-accent")
    if section.columns:
        block.weeks(section.columns)
    if section.lines:
        block.bars(section.lines)
    if section.progress is not None and section.lines:
        block.curves(section.progress, section.lines)
    if section.remark:
        block.say(section.remark, "$muted", " ")
    return Drawing(block.rows, block.stops)


def _months(weeks: Sequence[Line]) -> str:
    """Return the short names of months, each below the first week that begins in it."""
    names = [week.title.split()[1] for week in weeks]
    text = ""
    for place, name in enumerate(names):
        if place and name != names[place - 1] and len(text) < place and place + 3 <= len(weeks):
            text = f"{text:<{place}}{name}"
    return f"{text:<{len(weeks)}}"

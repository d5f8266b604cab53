"""Draws a row of a list as a strip, with columns, tones and cursor."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from tokendesk.tui.widgets.columns import ListColumn, fit_text, usual_width


class Cell(NamedTuple):
    """`tone` is one of TONES. `beside`: the name of a column, and what to draw instead while that one is shown."""

    text: str
    tone: str = ""
    beside: "tuple[str, Cell] | None" = None
    is_value: bool = True
    """Whether the row has a value: a column is as wide as its values need."""


RowCells = Sequence[Cell]
Widths = Sequence[tuple[int, int]]
"""Number of a column and its width in cells, for each column that is shown."""

TONES = {
    "dim": "muted",
    "good": "text-success",
    "warn": "text-warning",
    "bad": "text-error",
    "mark": "accent",
}
"""The theme variable of each tone. A component class for each would be styled three times before the first frame."""
CURSORS = ("", "cursor", "cursor-blurred")


ENOUGH = 20
"""Rows that are enough to know how wide a column's texts usually are."""
MORE_WIDTH = 4
"""Cells at the end of the header that say how many chosen columns have no room."""
_NAMES = 2
"""Columns of this priority and below say what a row is about."""


def natural_widths(columns: Sequence[ListColumn], rows: Sequence[RowCells]) -> list[int]:
    """Return the width that the texts of each column need."""
    natural = []
    for number, column in enumerate(columns):
        widths = [cell_len(row[number].text) for row in rows if row[number].is_value]
        needed = max(widths, default=0) if column.whole else usual_width(widths)
        if column.grow and column.priority <= _NAMES and not column.whole and len(rows) < ENOUGH:
            needed = max(needed, column.readable)  # a few short names must not make room for what is worth less
        natural.append(max(cell_len(column.title), needed))
    return natural


class RowStyles:
    """All styles of rows, combined once: combining them for each segment costs a frame."""

    def __init__(self, widget: Widget, prefix: str) -> None:
        base = widget.rich_style
        self.header = base + widget.get_component_rich_style(f"{prefix}--header")
        self.header_here = self.header + Style(underline=True)
        colours = widget.app.theme_variables
        tones = {tone: Style(color=Color.parse(colours[name]).rich_color) for tone, name in TONES.items()}
        self._of: dict[tuple[str, str], Style] = {}
        for cursor in CURSORS:
            under = Style()
            if cursor:
                full = widget.get_component_rich_style(f"{prefix}--{cursor}")
                under = Style(bgcolor=full.bgcolor, bold=full.bold)
            self._of["", cursor] = base + under
            for tone, style in tones.items():
                self._of[tone, cursor] = base + style + under
        self._of["dim", "cursor"] = self._of["", "cursor"]  # on the cursor's colour dimmed text is hard to read

    def of(self, tone: str, cursor: str = "") -> Style:
        return self._of[tone, cursor]


def header_strip(
    styles: RowStyles,
    columns: Sequence[ListColumn],
    widths: Widths,
    width: int,
    column_here: int,
    arrows: Mapping[str, str],
    *,
    chosen: bool = False,
) -> Strip:
    """`arrows`: the arrow of each sorted column. `chosen`: say how many of the columns have no room."""
    segments = [Segment("  ", styles.header)]
    for number, cells in widths:
        column = columns[number]
        style = styles.header_here if number == column_here else styles.header
        segments.append(Segment(fit_text(column.title, cells, right=column.right), style))
        segments.append(Segment(f"{arrows.get(column.name, ' ')} ", styles.header))
    strip = Strip(segments).adjust_cell_length(width, styles.header)
    if not chosen or len(widths) == len(columns):
        return strip
    more = f" +{len(columns) - len(widths)}".rjust(MORE_WIDTH)
    return Strip.join([strip.crop(0, width - len(more)), Strip([Segment(more, styles.of("mark"))])])


def row_strip(
    styles: RowStyles,
    line: RowCells | None,
    columns: Sequence[ListColumn],
    widths: Widths,
    width: int,
    *,
    cursor: str = "",
    marked: bool = False,
) -> Strip:
    """`line` is None for a row that no longer exists. `cursor` is one of CURSORS."""
    plain = styles.of("", cursor)
    segments = [
        Segment("▌" if cursor else " ", plain),
        Segment("●" if marked else " ", styles.of("mark", cursor)),
    ]
    shown = [columns[number].name for number, _ in widths]
    for number, cells in widths:
        if line is None:
            break
        cell = line[number]
        if cell.beside is not None and cell.beside[0] in shown:
            cell = cell.beside[1]
        style = styles.of(cell.tone, cursor) if cell.tone else plain
        segments.append(Segment(fit_text(cell.text, cells, right=columns[number].right) + "  ", style))
    return Strip(segments).adjust_cell_length(width, plain)

"""Fits columns into the available width, and texts into columns."""

from collections.abc import Sequence
from typing import Protocol

from rich.cells import cell_len, set_cell_size

GAP = 2
LEFT = 2
RIGHT = 1
"""Cells of the last gap, so that numbers do not touch the scrollbar."""
OPTIONAL = 5
"""Columns of this priority and above are optional."""
WIDEST = 40
"""The most cells a column requests; it grows beyond that only into unused room."""


class ListColumn(Protocol):
    """`width` is the minimum; `grow` the share of unused room; the highest `priority` drops first.

    `beside`: the priority while the details are open, if it differs. `readable`: the width that an optional column
    must leave; `whole`: it needs the width of its longest text.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def grow(self) -> int: ...
    @property
    def priority(self) -> int: ...
    @property
    def right(self) -> bool: ...
    @property
    def beside(self) -> int | None: ...
    @property
    def readable(self) -> int: ...
    @property
    def whole(self) -> bool: ...


def fit_columns(
    columns: Sequence[ListColumn], natural: Sequence[int], room: int, *, beside_details: bool = False
) -> list[tuple[int, int]]:
    """Return (number of column, width) of the columns that fit into `room` cells, in order.

    `natural`: the width of each column's texts. Unused room goes to the most important columns that are too narrow
    for their texts, until each is readable, then to their texts in full, then to those that may grow.
    """
    kept = list(range(len(columns)))
    priority = [
        column.beside if beside_details and column.beside is not None else column.priority for column in columns
    ]
    # An optional column must not truncate names in the required ones.
    wanted = [
        column.width if priority[i] >= OPTIONAL else max(column.width, min(natural[i], column.readable))
        for i, column in enumerate(columns)
    ]
    for i in sorted(kept, key=lambda i: -priority[i]):
        if priority[i] >= OPTIONAL and LEFT + sum(wanted[k] + GAP for k in kept) - RIGHT > room:
            kept.remove(i)
    while len(kept) > 1 and LEFT + sum(columns[i].width + GAP for i in kept) - RIGHT > room:
        kept.remove(max(kept, key=priority.__getitem__))
    left_over = max(0, room - LEFT - sum(columns[i].width + GAP for i in kept) + RIGHT)
    widths = {i: columns[i].width for i in kept}
    for most in ([column.readable for column in columns], [WIDEST] * len(columns)):
        for i in sorted(kept, key=priority.__getitem__):
            more = max(0, min(left_over, min(natural[i], most[i]) - widths[i]))
            widths[i] += more
            left_over -= more
    shares = sum(columns[i].grow for i in kept)
    for i in kept:  # the last of them takes what rounding leaves
        more = left_over * columns[i].grow // shares if shares else 0
        left_over, shares = left_over - more, shares - columns[i].grow
        widths[i] += more
    if len(kept) == 1:
        widths[kept[0]] = max(1, min(widths[kept[0]], room - LEFT))
    return [(i, widths[i]) for i in kept]


def fit_text(text: str, width: int, *, right: bool = False) -> str:
    """Return `text` in exactly `width` cells, truncated with `…`."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)


def usual_width(widths: list[int]) -> int:
    """Return a width that fits nine of ten texts: one long label must not narrow other columns."""
    return sorted(widths)[len(widths) * 9 // 10] if widths else 0

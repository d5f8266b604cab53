"""The columns of the page of groups: values, counts and bars, as wide as there is room."""

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len

from tokendesk.tui.widgets.bars import bar
from tokendesk.tui.widgets.columns import GAP, LEFT
from tokendesk.views.columns import Column
from tokendesk.views.groups import Group, Groups

_SHORTEST_BAR, _NARROWEST_VALUE = 10, 12
_COUNTS = (("rows", "Rows"), ("in_use", "In use"), ("undecided", "Undecided"), ("marked", "Marked"))


class GroupLayout:
    """Measures groups once; neither their order nor their marks change what is measured."""

    def __init__(self, found: Groups) -> None:
        self._titles = found.titles
        self._widths = [_width(found, place) for place, _ in enumerate(found.titles)]
        self._most = max((group.rows for group in found.groups), default=0)
        first = found.groups[0] if found.groups else None
        self._counts = [each for each in _COUNTS if first is not None and getattr(first, each[0]) is not None]

    def columns(self, room: int, groups: Sequence[Group]) -> tuple[Column[Group], ...]:
        """Return the columns for lines of `room` cells. The values take what they need, the bars the rest."""
        are_marked = any(group.marked for group in groups)
        counts = [
            Column[Group](name, title, len(title) + 1, partial(_count, name), priority=number, right=True)
            for number, (name, title) in enumerate(self._counts, 1)
            if are_marked or name != "marked"
        ]
        left = room - sum(column.width + GAP for column in counts) - LEFT - 1 - _SHORTEST_BAR - GAP
        widest = max(_NARROWEST_VALUE, left // len(self._titles) - GAP)
        titled = zip(("value", "value2"), self._titles, self._widths, strict=False)
        values = [
            Column[Group](name, title, min(width, widest), partial(_value, at))
            for at, (name, title, width) in enumerate(titled)
        ]
        cells, most = left + _SHORTEST_BAR - sum(column.width + GAP for column in values), self._most
        bars = Column[Group](
            "bar", "", max(_SHORTEST_BAR, cells), lambda group: bar(group.rows, most, cells), priority=5,
            tone=lambda *_: "mark",
        )  # fmt: skip
        return (*values, *counts, bars)


def _width(found: Groups, place: int) -> int:
    widest = max((cell_len(group.values[place].text) for group in found.groups), default=0)
    return max(cell_len(found.titles[place]) + 2, widest, _NARROWEST_VALUE)


def _value(place: int, group: Group) -> str:
    return group.values[place].text


def _count(name: str, group: Group) -> str:
    count = getattr(group, name)
    return f"{count:,}" if count or name != "marked" else ""

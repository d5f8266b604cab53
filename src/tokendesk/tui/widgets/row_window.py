"""The rows of a list that are at hand: those on screen, and those around it before anyone asks for them."""

from collections.abc import Callable, Mapping, Sequence

from tokendesk.tui.widgets.row_strips import Line

Fetch = Callable[[Sequence[int]], Mapping[int, Line]]

KEPT = 2_000


class RowWindow:
    """`ids` in order, and the lines of some of them. A line that is missing is fetched when it is drawn."""

    def __init__(self) -> None:
        self.ids: Sequence[int] = ()
        self.fetch: Fetch = lambda ids: {}
        self.lines: dict[int, Line] = {}
        self.generation = 0
        """Grows when lines that are still on their way would be stale."""

    def forget(self) -> None:
        self.lines.clear()
        self.generation += 1

    def learn(self, lines: Mapping[int, Line]) -> None:
        if len(self.lines) + len(lines) > KEPT:
            self.lines.clear()
        self.lines.update(lines)

    def line(self, index: int, page: range) -> Line | None:
        """Return the line at `index`; where it is missing, all of `page` that is missing is fetched with it."""
        row_id = self.ids[index]
        if row_id not in self.lines:
            self.learn(self.fetch(self.missing(page)))
        return self.lines.get(row_id)

    def missing(self, places: range) -> list[int]:
        """Return the ids at `places` whose lines are not at hand."""
        around = self.ids[max(0, places.start) : max(0, places.stop)]
        return [row_id for row_id in around if row_id not in self.lines]

    def index(self, row_id: int) -> int | None:
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None

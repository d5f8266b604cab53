"""A cache of the rows on screen and around it."""

from collections.abc import Callable, Mapping, Sequence

from tokendesk.tui.widgets.row_strips import RowCells

Fetch = Callable[[Sequence[int]], Mapping[int, RowCells]]

KEPT = 2_000


class RowWindow:
    """`ids` in order, and the lines of some of them. A missing line is fetched when it is drawn."""

    def __init__(self) -> None:
        self.ids: Sequence[int] = ()
        self.fetch: Fetch = lambda ids: {}
        self.lines: dict[int, RowCells] = {}
        self.generation = 0
        """Grows when lines still being loaded become stale."""

    def forget(self) -> None:
        self.lines.clear()
        self.generation += 1

    def learn(self, lines: Mapping[int, RowCells]) -> None:
        if len(self.lines) + len(lines) > KEPT:
            self.lines.clear()
        self.lines.update(lines)

    def line(self, index: int, page: range) -> RowCells | None:
        """Return the line at `index`; if missing, fetch all missing lines of `page`."""
        row_id = self.ids[index]
        if row_id not in self.lines:
            self.learn(self.fetch(self.missing(page)))
        return self.lines.get(row_id)

    def missing(self, places: range) -> list[int]:
        """Return the ids at `places` whose lines are missing."""
        around = self.ids[max(0, places.start) : max(0, places.stop)]
        return [row_id for row_id in around if row_id not in self.lines]

    def index(self, row_id: int) -> int | None:
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None

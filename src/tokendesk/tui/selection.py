"""What a key acts on: the query on screen, its rows, the cursor, and the marks."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokendesk.views.query import Query


@dataclass(frozen=True, slots=True)
class Selection:
    """Row ids, in `shown` and `cursor`, are valid for one `generation` of the files; records outlive it.

    `record`: the one under the cursor. `marked`: records of the pane, shown or hidden.
    """

    query: Query
    generation: int = 0
    shown: Sequence[int] = ()
    cursor: int | None = None
    column: str | None = None
    record: str | None = None
    marked: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    """The names of the columns on screen."""
    left: Query | None = None
    """The query that was on screen before."""

    @property
    def pane(self) -> str:
        return self.query.pane

    @property
    def records(self) -> list[str]:
        """The marked records, else the one under the cursor."""
        if self.marked:
            return sorted(self.marked)
        return [] if self.record is None else [self.record]

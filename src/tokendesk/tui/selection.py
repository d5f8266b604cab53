"""What a key acts on: the query on screen, the rows it shows, the cursor, and what is marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


class ActedOn(NamedTuple):
    """`row_ids`: the marked rows, else the one under the cursor. `hidden`: marked records that are not shown.

    `gone`: how many marked records the snapshot does not have any more.
    """

    row_ids: list[int]
    hidden: frozenset[str] = frozenset()
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """`shown`: row ids in the order of the list; `cursor`: a row id; `marked`: records of the pane."""

    query: Query
    shown: Sequence[int] = ()
    cursor: int | None = None
    column: str | None = None
    marked: frozenset[str] = frozenset()

    @property
    def pane(self) -> str:
        return self.query.pane

    def acted_on(self, reader: Reader) -> ActedOn:
        if not self.marked:
            return ActedOn([] if self.cursor is None else [self.cursor])
        found = reader.rows_of(self.pane, sorted(self.marked))
        hidden = found.difference(self.shown)
        records = reader.records(self.pane, sorted(hidden)).values()
        return ActedOn(sorted(found), frozenset(records), len(self.marked) - len(found))

    def records(self, reader: Reader) -> list[str]:
        """Return the marked records, else the one under the cursor."""
        if self.marked or self.cursor is None:
            return sorted(self.marked)
        return list(reader.records(self.pane, (self.cursor,)).values())

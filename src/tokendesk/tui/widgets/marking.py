"""Marks of a list: one row, a range, all of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object


class MarksChanged(Message):
    """`row_ids` were marked, or the marks taken off."""

    def __init__(self, row_ids: Sequence[int], on: bool) -> None:
        super().__init__()
        self.row_ids = row_ids
        self.on = on


class Marking(_Base):
    """Mixed into the list."""

    cursor: int
    marked: set[int]
    _range_from: int | None = None

    @property
    def row_id(self) -> int | None:
        raise NotImplementedError

    @property
    def ids(self) -> Sequence[int]:
        raise NotImplementedError

    def redraw(self) -> None:
        raise NotImplementedError

    def when_whole(self, act: Callable[[], None]) -> None:
        raise NotImplementedError

    def action_mark(self) -> None:
        if self.row_id is not None:
            self._mark((self.row_id,), self.row_id not in self.marked)
            self.cursor += 1

    def action_mark_all(self) -> None:
        self.when_whole(lambda: self._mark(self.ids, True))

    def action_mark_none(self) -> None:
        self._mark(tuple(self.marked), False)
        self.post_message(MarksChanged((), False))

    def action_range(self) -> None:
        """Begin a range here; the second time, mark all from there to here."""
        if self._range_from is None:
            self._range_from = self.cursor
        else:
            first, last = sorted((self._range_from, self.cursor))
            self._range_from = None
            self._mark(self.ids[first : last + 1], True)

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
        self.redraw()
        self.post_message(MarksChanged(row_ids, on))

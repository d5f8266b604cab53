"""The marked rows of a list, independent of widgets."""

from collections.abc import Iterable, Sequence


class MarkModel:
    """Rows are marked by id; a range has a start and an end index."""

    def __init__(self) -> None:
        self.row_ids: set[int] = set()
        self._range_from: int | None = None

    def put(self, row_ids: Iterable[int], on: bool) -> None:
        if on:
            self.row_ids.update(row_ids)
        else:
            self.row_ids.difference_update(row_ids)

    def replace(self, row_ids: Iterable[int]) -> None:
        self.row_ids = set(row_ids)

    def clear(self) -> None:
        self.row_ids.clear()

    @property
    def has_range(self) -> bool:
        return self._range_from is not None

    def begin_range(self, place: int) -> None:
        self._range_from = place

    def end_range(self, place: int, ids: Sequence[int]) -> Sequence[int]:
        """Return the rows from the start of the range to `place`, inclusive."""
        if self._range_from is None:
            return ()
        first, last = sorted((self._range_from, place))
        self._range_from = None
        return ids[first : last + 1]

    def cancel_range(self) -> None:
        self._range_from = None

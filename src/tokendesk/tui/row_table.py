"""Feeds rows in memory to the list widget, with their indexes as ids."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from tokendesk.model.text import printable
from tokendesk.tui.widgets.row_strips import Cell, RowCells
from tokendesk.views.columns import Column

T = TypeVar("T")


class RowTable(Generic[T]):
    def __init__(self, rows: Sequence[T], columns: Sequence[Column[T]]) -> None:
        self.rows = rows
        self.columns = columns

    def fetch(self, indexes: Sequence[int]) -> Mapping[int, RowCells]:
        return {place: self._cells(self.rows[place]) for place in indexes if place < len(self.rows)}

    def _cells(self, row: T) -> RowCells:
        texts = [(column, printable(column.text(row))) for column in self.columns]
        return [Cell(text, column.tone(row, text)) for column, text in texts]

    def sorted(self, indexes: Sequence[int], sort: str) -> Sequence[int]:
        """Return `indexes` sorted by a column; `-` in front reverses the order."""
        column = next((column for column in self.columns if column.name == sort.removeprefix("-")), None)
        if column is None:
            return indexes
        key = column.sort_key or column.text
        return sorted(indexes, key=lambda place: key(self.rows[place]), reverse=sort.startswith("-"))

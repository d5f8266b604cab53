"""Turns rows of a pane into cells with tones for the list widget."""

from collections.abc import Mapping, Sequence

from tokendesk.tui.widgets.row_strips import Cell, RowCells
from tokendesk.views.cells import cell
from tokendesk.views.panes import Pane, PaneColumn
from tokendesk.views.reader import Reader, Row

_EMPTY = Cell("")


def fetch_cells(reader: Reader, pane: Pane, ids: Sequence[int], now: int) -> Mapping[int, RowCells]:
    rows = reader.window(pane, ids, now)
    return {row_id: [_cell(row, column, now) for column in pane.columns] for row_id, row in rows.items()}


def _cell(row: Row, column: PaneColumn, now: int) -> Cell:
    text = cell(row, column, now)
    return Cell(text, _tone(row, column, text)) if text else _EMPTY


def _tone(row: Row, column: PaneColumn, text: str) -> str:
    if column.kind == "findings":
        return "bad" if any(finding.urgent for finding in row["findings"]) else "warn"
    if column.name == "status":
        return "dim" if text in ("allowed", "active") else "bad"
    if text in ("never", "0", "unknown"):
        return "dim"
    return "dim" if column.name in ("policy", "email", "title", "id") else ""

"""Turns rows of a pane into cells with tones for the list widget."""

from collections.abc import Mapping, Sequence

from tokendesk.model.findings import NO_PURPOSE, row_findings
from tokendesk.tui.widgets.row_strips import Cell, RowCells
from tokendesk.views.cells import cell
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.panes import Pane
from tokendesk.views.reader import Reader, Row

_EMPTY = Cell("", is_value=False)


def fetch_cells(
    reader: Reader, pane: Pane, columns: Sequence[PaneColumn], ids: Sequence[int], now: int
) -> Mapping[int, RowCells]:
    rows = reader.window(pane, ids, now, renewals=any(column.name == "renewal" for column in columns))
    return {row_id: [_cell(row, column, now) for column in columns] for row_id, row in rows.items()}


def _cell(row: Row, column: PaneColumn, now: int) -> Cell:
    text = cell(row, column, now)
    if column.kind == "findings":
        return _findings_cell(row, text) if text else _EMPTY
    if column.name == "purpose" and not text:
        return Cell("none", "dim", is_value=False)
    return Cell(text, _tone(column, text)) if text else _EMPTY


def _findings_cell(row: Row, text: str) -> Cell:
    """Return the findings; the column of purposes, where it is shown, tells whether there is none."""
    tone = "bad" if any(finding.urgent for finding in row["findings"]) else "warn"
    others = [finding.short for finding in row_findings(row["findings"]) if finding.name != NO_PURPOSE]
    return Cell(text, tone, ("purpose", Cell(", ".join(others), tone)))


def _tone(column: PaneColumn, text: str) -> str:
    if column.name == "status":
        return "dim" if text in ("allowed", "active") else "bad"
    if text in ("never", "0", "unknown"):
        return "dim"
    return "dim" if column.name in ("policy", "email", "title", "id") else ""

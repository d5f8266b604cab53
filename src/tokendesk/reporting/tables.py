"""Writes rows as table, CSV, JSON or report, in batches to save memory."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, TextIO

from tokendesk.model.bounds import CELL_CHARACTERS
from tokendesk.model.text import printable
from tokendesk.reporting.document import write_html
from tokendesk.reporting.markdown import write_markdown
from tokendesk.reporting.rows_page import rows_document
from tokendesk.reporting.spreadsheets import drawn, without_formulas
from tokendesk.reporting.text_table import text_line, widths_of
from tokendesk.reporting.values import COLUMNS, as_text
from tokendesk.views.cells import cell
from tokendesk.views.panes import Pane
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

_BATCH = 500
_WIDEST = 48
_NARROWEST = 8
_IDS = frozenset({"id", "email", "owner_id", "policy_id", "target", "replaces", "undoes", "undone_by", "plan", "run"})
"""Columns with identifiers: cut last on a terminal, never elsewhere."""


def write_rows(out: TextIO, reader: Reader, query: Query, form: str, columns: Sequence[str], now: int) -> int:
    """Write the rows of `query` as `form`, one of `FORMATS`; return how many. Raises FilterError."""
    pane = reader.panes[query.pane]
    ids = reader.ids(query, now)
    values = {name: COLUMNS[pane.name][name] for name in columns or COLUMNS[pane.name]}
    # People see the default columns, which do not tell of renewals: these take long to find.
    renewals = "renewal" in (columns if form in ("table", "markdown") else values)
    rows = _rows(reader, pane, ids, now, renewals=renewals)
    match form:
        case "table":
            _write_table(out, rows, _text_columns(pane, columns, now))
        case "csv":
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(values)
            draw = drawn(out)
            writer.writerows([draw(_spreadsheet_cell(value(row))) for value in values.values()] for row in rows)
        case "jsonl":
            for row in rows:
                out.write(_json(row, values) + "\n")
        case "markdown":
            shown = _text_columns(pane, columns, now)
            lines = ([column.value(row) for column in shown] for row in rows)
            write_markdown(out, [column.title for column in shown], [column.right for column in shown], lines)
        case "html":
            write_html(rows_document(reader, query, len(ids), rows, values, now), out)
        case _:
            out.write("[")
            for number, row in enumerate(rows):
                out.write((",\n " if number else "\n ") + _json(row, values))
            out.write("\n]\n")
    return len(ids)


class _TextColumn(NamedTuple):
    title: str
    right: bool
    grow: bool
    value: Callable[[Row], str]
    is_id: bool = False
    """Whether a part of the value is useless."""


def _text_columns(pane: Pane, names: Sequence[str], now: int) -> list[_TextColumn]:
    """Return the pane's own columns, or the named ones, which no pane need show."""
    found = []
    for name in names or [column.name for column in pane.default_columns]:
        column = pane.column(name)
        found.append(
            _TextColumn(
                column.title, column.right, bool(column.grow), partial(cell, column=column, now=now), name in _IDS
            )
            if column is not None and not column.extra
            else _TextColumn(name, False, True, partial(_value_text, COLUMNS[pane.name][name]), name in _IDS)
        )  # fmt: skip
    return found


def _value_text(value: Callable[[Row], Any], row: Row) -> str:
    return printable(as_text(value(row)))


def _rows(reader: Reader, pane: Pane, ids: Sequence[int], now: int, *, renewals: bool) -> Iterator[Row]:
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        found = reader.window(pane, part, now, renewals=renewals)
        for row_id in part:
            if row_id in found:
                yield found[row_id]


def _json(row: Row, values: Mapping[str, Callable[[Row], Any]]) -> str:
    return json.dumps({name: value(row) for name, value in values.items()}, ensure_ascii=False)


def _spreadsheet_cell(value: Any) -> str:
    """Return text that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    text = " ".join(value) if isinstance(value, list) else str(value)
    # The csv module does not quote a lone carriage return: the text after it would start a row, as a formula.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return without_formulas(text)


def _write_table(out: TextIO, rows: Iterator[Row], columns: Sequence[_TextColumn]) -> None:
    # The first batch determines the widths, so that a long list need not be kept in memory.
    first = list(islice(rows, _BATCH))
    lines = [[column.title for column in columns], *([column.value(row) for column in columns] for row in first)]
    widths = [min(width, CELL_CHARACTERS) for width in widths_of(lines)]
    right = [i for i, column in enumerate(columns) if column.right]
    most: int | None = None
    if out.isatty():
        widths = [width if c.is_id else min(_WIDEST, width) for width, c in zip(widths, columns, strict=True)]
        _fit(widths, columns, os.get_terminal_size(out.fileno()).columns)
    else:
        # Output to a file or another program is not cut. A very long cell only makes its own line longer, not all.
        most = sys.maxsize
    for line in chain(lines, ([column.value(row) for column in columns] for row in rows)):
        out.write(text_line(line, widths, right, most) + "\n")


def _fit(widths: list[int], columns: Sequence[_TextColumn], room: int) -> None:
    """Shrink the widest growing column until a line fits, ids last; the last column may still be cut."""
    for ids in (False, True):
        places = [i for i, column in enumerate(columns) if column.is_id == ids and (column.grow or ids)]
        while places and sum(widths) + 2 * (len(widths) - 1) > room:
            widest = max(places, key=widths.__getitem__)
            if widths[widest] <= _NARROWEST:
                break
            widths[widest] -= 1

"""Rows as a table for people, CSV for spreadsheets, JSON for scripts. One batch of rows in memory at a time."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TextIO

from tokendesk.filtering.errors import cells
from tokendesk.model.moments import iso
from tokendesk.views.cells import cell
from tokendesk.views.panes import Column, Pane
from tokendesk.views.reader import Reader, Row

_BATCH = 500
_WIDEST = 48
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def _findings(row: Row) -> list[str]:
    return [finding.name for finding in row["findings"]]


def _json_list(key: str) -> Callable[[Row], Any]:
    return lambda row: None if row[key] is None else json.loads(row[key])


def _lines(key: str) -> Callable[[Row], list[str]]:
    return lambda row: row[key].split("\n") if row[key] else []


def _key(key: str) -> Callable[[Row], Any]:
    return lambda row: row[key]


COLUMNS: Mapping[str, Mapping[str, Callable[[Row], Any]]] = {
    "tokens": {
        "id": _key("token_id"),
        "label": _key("label"),
        "status": _key("status"),
        "created": _key("created_text"),
        "expires": _key("expires_text"),
        "used": _key("last_used_text"),
        "owner": _key("owner"),
        "email": _key("email"),
        "owner_id": _key("owner_id"),
        "owner_status": _key("owner_status"),
        "policy": _key("policy_known"),
        "policy_id": _key("policy_id"),
        "scopes": _json_list("scopes"),
        "purpose": _key("purpose"),
        "contact": _key("contact"),
        "decision": _key("decision"),
        "tags": _lines("tags"),
        "rhythm": _key("rhythm"),
        "activity": lambda row: iso(row["activity"]),
        "findings": _findings,
    },
    "users": {
        "id": _key("account_id"),
        "name": _key("name"),
        "email": _key("email"),
        "status": _key("status"),
        "policy": _key("policy_known"),
        "policy_id": _key("policy_id"),
        "tokens": _key("tokens"),
        "active": _key("last_active_text"),
        "added": _key("added_text"),
        "deactivated": _key("deactivated_text"),
        "title": _key("job_title"),
        "department": _key("department"),
        "org_admin": lambda row: None if row["org_admin"] is None else bool(row["org_admin"]),
        "findings": _findings,
    },
    "policies": {
        "id": _key("policy_id"),
        "name": _key("known"),
        "users": _key("users"),
        "tokens": _key("tokens"),
        "allowed": _key("allowed"),
        "blocked": _key("blocked"),
        "setting": _key("setting"),
        "remarks": _key("remarks"),
        "findings": _findings,
    },
    "changes": {
        "at": lambda row: iso(row["at"]),
        "kind": _key("kind"),
        "subject": _key("subject"),
        "id": _key("record"),
        "label": _key("label"),
        "owner": _key("owner"),
        "email": _key("email"),
        "before": _key("before"),
        "after": _key("after"),
    },
}
"""What scripts and spreadsheets get, by pane: values as Atlassian sent them."""


def write_rows(
    out: TextIO, reader: Reader, pane: Pane, ids: Sequence[int], form: str, columns: Sequence[str], now: int
) -> None:
    """Write the rows `ids` of `pane` as `form`: table, csv, json or jsonl."""
    rows = _rows(reader, pane, ids, now)
    if form == "table":
        _write_table(out, pane, rows, columns, now)
        return
    values = {name: COLUMNS[pane.name][name] for name in columns or COLUMNS[pane.name]}
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(values)
        writer.writerows([_spreadsheet_cell(value(row)) for value in values.values()] for row in rows)
    elif form == "jsonl":
        for row in rows:
            out.write(_json(row, values) + "\n")
    else:
        out.write("[")
        for number, row in enumerate(rows):
            out.write((",\n " if number else "\n ") + _json(row, values))
        out.write("\n]\n")


def _rows(reader: Reader, pane: Pane, ids: Sequence[int], now: int) -> Iterator[Row]:
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        found = reader.window(pane, part, now)
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
    return "'" + text if text.startswith(_RUN_BY_SPREADSHEETS) else text


def _write_table(out: TextIO, pane: Pane, rows: Iterator[Row], names: Sequence[str], now: int) -> None:
    columns = [column for column in pane.columns if column.name in names] if names else list(pane.columns)
    # The first batch decides the widths, so that a long list need not be held to be printed.
    first = list(islice(rows, _BATCH))
    lines = [[cell(row, column, now) for column in columns] for row in first]
    widths = [min(_WIDEST, max([cells(c.title), *(cells(line[i]) for line in lines)])) for i, c in enumerate(columns)]
    if out.isatty():
        _fit(widths, columns, os.get_terminal_size(out.fileno()).columns)
    out.write(_line([column.title for column in columns], columns, widths) + "\n")
    for line in lines:
        out.write(_line(line, columns, widths) + "\n")
    for row in rows:
        out.write(_line([cell(row, column, now) for column in columns], columns, widths) + "\n")
    if out is sys.stdout and not first:
        print(f"Nothing matches among the {pane.many}.", file=sys.stderr)


def _fit(widths: list[int], columns: Sequence[Column], room: int) -> None:
    """Take from the widest growing column until a line fits; the last column may still be cut."""
    while sum(widths) + 2 * (len(widths) - 1) > room:
        widest = max(range(len(widths)), key=lambda i: widths[i] if columns[i].grow else 0)
        if widths[widest] <= 8:
            return
        widths[widest] -= 1


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    parts = []
    for text, column, width in zip(texts, columns, widths, strict=True):
        cut = _cut(text, width)
        space = " " * (width - cells(cut))
        parts.append(space + cut if column.is_right else cut + space)
    return "  ".join(parts).rstrip()


def _cut(text: str, width: int) -> str:
    if cells(text) <= width:
        return text
    while cells(text) > width - 1:
        text = text[:-1]
    return text + "…"

"""Prints rows of a pane, for `list` and `snapshot diff`: options and output."""

import argparse
import sys
from pathlib import Path

from tokendesk.commands.json_output import json_option, wants_json
from tokendesk.commands.stdout import standard_output
from tokendesk.errors import UsageError
from tokendesk.reporting.formats import FORMATS, export_rows, format_of
from tokendesk.reporting.tables import write_rows
from tokendesk.reporting.values import COLUMNS
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


def row_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sort", default="", metavar="F,-F", help="columns to sort by, - for descending")
    parser.add_argument("--columns", default="", metavar="C,C", help="columns to print")
    parser.add_argument("--format", choices=FORMATS, help="default: table, or by the extension of FILE")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the terminal")
    json_option(parser, "the same as --format json")


def print_rows(reader: Reader, pane_name: str, text: str, options: argparse.Namespace, now: int) -> None:
    """Write the rows of `pane_name` that match the filter `text`; raises FilterError and UsageError."""
    pane = reader.panes[pane_name]
    sort = tuple(filter(None, options.sort.split(",")))
    known = [column.name for column in pane.columns if column.kind != "findings"]
    for name in sort:
        if name.removeprefix("-") not in known:
            raise UsageError(f"{pane.title} cannot be sorted by {name!r}. Use one of: {', '.join(known)}.")
    columns = tuple(filter(None, options.columns.split(",")))
    for name in columns:
        if name not in COLUMNS[pane.name]:
            raise UsageError(f"{pane.title} have no column {name!r}. Use one of: {', '.join(COLUMNS[pane.name])}.")
    query = Query(pane.name, filter=text, sort=sort)
    form = rows_format(options)
    if form == "table" and not options.output and not reader.count_found(query, now):
        print(f"Nothing matches among the {pane.many}.", file=sys.stderr)
        return
    if options.output:
        export_rows(Path(options.output), reader, query, form, columns, now)
    else:
        write_rows(standard_output(), reader, query, form, columns, now)


def rows_format(options: argparse.Namespace) -> str:
    """Return the format that was asked for, or that of the file's extension, or table."""
    if wants_json(options):
        return "json"
    return options.format or (format_of(options.output) if options.output else None) or "table"

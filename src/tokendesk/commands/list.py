"""`tokendesk list`: the rows a pane would show, for a terminal, a spreadsheet or a script."""

import argparse
import sys
import time
from pathlib import Path

from tokendesk.commands.arguments import filter_argument
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.reporting.tables import COLUMNS, write_rows
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

FORMATS = ("table", "csv", "json", "jsonl")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pane", choices=("tokens", "users", "policies", "changes"))
    filter_argument(parser)
    parser.add_argument("--sort", default="", metavar="F,-F", help="columns to sort by, - for descending")
    parser.add_argument("--columns", default="", metavar="C,C", help="columns to print")
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the terminal")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if not settings.places.snapshot.exists():
        raise UsageError("There is no snapshot yet. Make one with: tokendesk pull (or, to practise: tokendesk demo)")
    now = int(time.time())
    with Reader(settings.places, settings.thresholds) as reader:
        pane = reader.panes[options.pane]
        sort = tuple(filter(None, options.sort.split(",")))
        known = [column.name for column in pane.columns if column.kind != "findings"]
        for name in sort:
            if name.removeprefix("-") not in known:
                raise UsageError(f"{pane.title} cannot be sorted by {name!r}. Use one of: {', '.join(known)}.")
        columns = tuple(filter(None, options.columns.split(",")))
        for name in columns:
            if name not in COLUMNS[pane.name]:
                raise UsageError(f"{pane.title} have no column {name!r}. Use one of: {', '.join(COLUMNS[pane.name])}.")
        ids = reader.ids(Query(pane.name, filter=options.filter, sort=sort), now)
        if options.output:
            try:
                with Path(options.output).open("w", encoding="utf-8", newline="") as file:
                    write_rows(file, reader, pane, ids, options.format, columns, now)
            except OSError as error:
                raise UsageError(
                    f"{options.output} cannot be written: {error.strerror}. Choose another file."
                ) from error
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            write_rows(sys.stdout, reader, pane, ids, options.format, columns, now)
    return 0

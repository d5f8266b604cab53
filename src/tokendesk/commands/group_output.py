"""Prints how many rows of a pane have each value, for `list --by`."""

import argparse
import sys
from pathlib import Path

from tokendesk.commands.row_output import rows_format
from tokendesk.commands.stdout import standard_output
from tokendesk.errors import UsageError
from tokendesk.reporting.formats import new_file
from tokendesk.reporting.group_tables import FORMATS, write_groups
from tokendesk.views.grouping import column_names
from tokendesk.views.groups import MOST_VALUES, ORDERS, count_groups
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


def print_groups(reader: Reader, pane_name: str, text: str, options: argparse.Namespace, now: int) -> None:
    """Count the rows that match the filter `text`; raises FilterError and UsageError."""
    pane = reader.panes[pane_name]
    names = column_names(pane, filter(None, map(str.strip, options.by.split(","))))
    if not 1 <= len(names) <= 2:
        raise UsageError("--by takes one or two columns, such as: --by owner,policy")
    if options.columns:
        raise UsageError("--columns chooses columns of rows, and --by counts them. Leave one of them out.")
    order = options.sort
    if order and order.removeprefix("-") not in ORDERS:
        raise UsageError(f"Groups cannot be sorted by {order!r}. Use one of: {', '.join(ORDERS)}.")
    form = rows_format(options)
    if form not in FORMATS:
        raise UsageError(f"Groups cannot be written as {form}. Use one of: {', '.join(FORMATS)}.")
    found = count_groups(reader, Query(pane.name, filter=text), names, now, order)
    if found.values > MOST_VALUES:
        raise UsageError(
            f"{' and '.join(names)} of these {found.total:,} {pane.many} have {found.values:,} values, more than "
            f"{MOST_VALUES:,}. Add a filter, or group by another column."
        )
    if options.output:
        with new_file(reader, Path(options.output)) as file:
            write_groups(file, names, found, form)
    else:
        write_groups(standard_output(), names, found, form)
    if found.repeats:
        print(f"{found.total:,} {pane.many}; one may count under several values.", file=sys.stderr)
    elif not found.groups:
        print(f"Nothing matches among the {pane.many}.", file=sys.stderr)

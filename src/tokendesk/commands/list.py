"""`tokendesk list`: prints the rows of a pane, or counts them, for a terminal, a spreadsheet or a script."""

import argparse
import sys
from pathlib import Path

from tokendesk.commands.arguments import filter_argument, filter_text
from tokendesk.commands.row_output import print_rows, row_options
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.input_files import refuse_stdin
from tokendesk.running.migration import open_reader
from tokendesk.views.query import PANES, Query


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pane", choices=PANES)
    filter_argument(parser)
    row_options(parser)
    parser.add_argument("--by", metavar="C[,C]", help="count the rows by one or two columns instead of printing them")
    parser.add_argument("--fail-if-any", action="store_true", help="end with exit code 1 if there are rows")
    parser.add_argument("--file", metavar="FILE", help="read a saved snapshot instead of the profile's")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.file:
        refuse_stdin(options.file)
        from tokendesk.views.saved_snapshot import open_saved_snapshot

        settings = settings._replace(paths=open_saved_snapshot(settings.paths, Path(options.file)))
    elif not settings.paths.snapshot.exists():
        raise UsageError("There is no snapshot yet. Create one with: tokendesk pull (or, to practise: tokendesk demo)")
    with open_reader(settings.paths, settings.thresholds) as reader:
        text = filter_text(options, reader.panes[options.pane].fields)
        now = int(settings.now().timestamp())
        if options.pane == "credentials":
            from tokendesk.views.unread_lists import describe_unread

            if unread := describe_unread(reader, "tokendesk pull"):
                print(f"tokendesk: {unread}", file=sys.stderr)
        if options.by is None:
            print_rows(reader, options.pane, text, options, now)
        else:
            from tokendesk.commands.group_output import print_groups

            print_groups(reader, options.pane, text, options, now)
        return 1 if options.fail_if_any and reader.count_found(Query(options.pane, filter=text), now) else 0

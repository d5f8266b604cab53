"""`tokendesk undo`: the users of a run, or some of them, back to where they were."""

import argparse

from tokendesk.commands.arguments import filter_argument, filter_of
from tokendesk.commands.carrying import carrying_options, finish_plan, present, settings_of
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.views.journal import find_run
from tokendesk.views.planning import planner
from tokendesk.views.query import Query
from tokendesk.views.undo import undo_plan


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help='the run\'s id, the beginning of it, or "last"')
    filter_argument(parser, "name:ada (those of its users only)")
    carrying_options(parser)


def run(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    now = present()
    with open_reader(settings.places, settings.thresholds) as reader:
        run_id = find_run(reader, options.run)
        records = None
        if options.filter:
            text = filter_of(options, reader.panes["users"].fields)
            records = set(reader.records("users", reader.ids(Query("users", filter=text), now)).values())
        plan = undo_plan(reader, run_id, planner(settings, now), records)
    if not plan.rows:
        raise UsageError("This run moved nobody" + (" who matches." if options.filter else ": nothing to take back."))
    return finish_plan(settings, plan, options)

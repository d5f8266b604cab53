"""`tokendesk undo`: moves the users of a run, or some of them, back to their previous policies."""

import argparse

from tokendesk.commands.arguments import filter_argument, filter_text
from tokendesk.commands.plan_cli import current_time, finish_plan, plan_options, plan_settings
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.views.journal import find_run
from tokendesk.views.planning import planner
from tokendesk.views.query import Query
from tokendesk.views.undo import undo_plan


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run's id, its beginning, or \"last\": this desk's latest")
    filter_argument(parser, "name:ada (only these users of the run)")
    plan_options(parser)


def run(options: argparse.Namespace) -> int:
    settings = plan_settings(options)
    now = current_time()
    with open_reader(settings.paths, settings.thresholds) as reader:
        run_id = find_run(reader, options.run, to_change=True)
        records = None
        if options.filter:
            text = filter_text(options, reader.panes["users"].fields)
            records = set(reader.records("users", reader.ids(Query("users", filter=text), now)).values())
        plan = undo_plan(reader, run_id, planner(settings, now), records)
    if not plan.rows:
        raise UsageError("This run moved nobody" + (" who matches." if options.filter else ": nothing to undo."))
    return finish_plan(settings, plan, options)

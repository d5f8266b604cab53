"""`tokendesk move`: moves users, or the owners of tokens, to another policy. Sends nothing without --apply."""

import argparse

from tokendesk.commands.arguments import filter_argument, filter_text, require_filter
from tokendesk.commands.desk_access import parse_day
from tokendesk.commands.plan_cli import current_time, finish_plan, plan_options, plan_settings
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.views.planning import move_owners, move_users, planner
from tokendesk.views.policies import policy_named
from tokendesk.views.quarantine import as_quarantine
from tokendesk.views.query import Query


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("users", "tokens"), help="move the matching users, or the owners of the matching tokens"
    )
    filter_argument(parser, "policy:default is:in-use")
    parser.add_argument("--to", required=True, metavar="POLICY", help="the policy's name, its beginning, or its id")
    help_quarantine = "for a policy that blocks tokens: ask on that date whether anyone missed them"
    parser.add_argument("--quarantine-until", metavar="DATE", help=help_quarantine)
    plan_options(parser)


def run(options: argparse.Namespace) -> int:
    settings = plan_settings(options)
    require_filter(options, options.what, "policy:default is:in-use")
    now = current_time()
    with open_reader(settings.paths, settings.thresholds) as reader:
        target = policy_named(reader, options.to)
        text = filter_text(options, reader.panes[options.what].fields)
        ids = reader.ids(Query(options.what, filter=text), now)
        if not ids:
            raise UsageError(f"Nothing matches among the {options.what}, so there is nobody to move. Widen the filter.")
        plans = move_users if options.what == "users" else move_owners
        plan = plans(reader, ids, target, planner(settings, now))
        if options.quarantine_until is not None:
            until = parse_day(options.quarantine_until, now)
            if until is None:  # it may be an unset shell variable
                raise UsageError("--quarantine-until needs a date, such as 30d or 2027-01-31.")
            plan = as_quarantine(plan, until)
    return finish_plan(settings, plan, options)

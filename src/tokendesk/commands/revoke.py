"""`tokendesk revoke`: revokes tokens permanently. Sends nothing without --apply."""

import argparse

from tokendesk.commands.arguments import filter_argument, filter_text, require_filter
from tokendesk.commands.plan_cli import current_time, finish_plan, plan_options, plan_settings
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.views.planning import planner, revoke_tokens
from tokendesk.views.query import Query


def options(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser, "is:stale decision:revoke")
    plan_options(parser, moves=False)


def run(options: argparse.Namespace) -> int:
    settings = plan_settings(options)
    require_filter(options, "tokens", "is:stale decision:revoke")
    now = current_time()
    with open_reader(settings.paths, settings.thresholds) as reader:
        text = filter_text(options, reader.panes["tokens"].fields)
        ids = reader.ids(Query("tokens", filter=text), now)
        if not ids:
            raise UsageError("Nothing matches among the tokens, so there is nothing to revoke. Widen the filter.")
        plan = revoke_tokens(reader, ids, planner(settings, now))
    return finish_plan(settings, plan, options)

"""`tokendesk revoke`: tokens, for good. Without --apply nothing is sent."""

import argparse

from tokendesk.commands.arguments import filter_argument, filter_of, require_filter
from tokendesk.commands.carrying import carrying_options, finish_plan, present, settings_of
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.views.planning import planner, revoke_tokens
from tokendesk.views.query import Query


def options(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser, "is:stale decision:revoke")
    carrying_options(parser, moves=False)


def run(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    require_filter(options, "tokens", "is:stale decision:revoke")
    now = present()
    with open_reader(settings.places, settings.thresholds) as reader:
        text = filter_of(options, reader.panes["tokens"].fields)
        ids = reader.ids(Query("tokens", filter=text), now)
        if not ids:
            raise UsageError("Nothing matches among the tokens: there is nothing to revoke. Widen the filter.")
        plan = revoke_tokens(reader, ids, planner(settings, now))
    return finish_plan(settings, plan, options)

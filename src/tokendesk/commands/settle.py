"""`tokendesk settle`: finds the outcome of interrupted runs with read requests; nothing is sent again."""

import argparse
import asyncio
import sys

from tokendesk.commands.arguments import wait_argument
from tokendesk.commands.json_output import json_option
from tokendesk.commands.plan_cli import ProgressLine, print_result, warn_about_other_desks
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.running.access import open_access
from tokendesk.running.recover import UnfinishedRun, find_unfinished_run, unfinished_runs


def options(parser: argparse.ArgumentParser) -> None:
    wait_argument(parser)
    parser.add_argument(
        "--give-up", metavar="RUN", help="end a run that cannot be settled; open outcomes become unknown"
    )
    parser.add_argument("--why", metavar="TEXT", help="with --give-up: the reason, for the journal")
    json_option(parser, "print the outcome of each run as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.give_up is not None:
        return _give_up(settings, options)
    if options.why is not None:
        raise UsageError("--why needs --give-up RUN.")
    with Desk(settings.paths.desk, author=settings.author) as desk:
        ours = [run for run in unfinished_runs(desk) if run.is_ours]
    warn_about_other_desks(settings)
    if not ours:
        if not options.json:
            print("No run of this desk was interrupted.", file=sys.stderr)
        return 0
    return _settle(settings, options)


def _settle(settings: Settings, options: argparse.Namespace) -> int:
    from tokendesk.running.apply import RunCallbacks, settle_unfinished
    from tokendesk.running.run_context import SEARCH_SECONDS

    shown = ProgressLine("ctrl+c leaves it for later")
    codes = [0]

    def set_aside(run: UnfinishedRun, error: TokendeskError) -> None:
        shown.set_aside(run, error)
        codes.append(error.exit_code)

    patience = SEARCH_SECONDS if options.wait is None else options.wait
    means = RunCallbacks(report=shown.progress, on_wait=shown.waiting, search_seconds=patience, on_set_aside=set_aside)
    with open_access(settings) as access:
        try:
            settled = asyncio.run(settle_unfinished(settings, access, means))
        finally:
            shown.end()
    codes += [print_result(settings, run.run_id, as_json=options.json) for run in settled]
    return max(codes)


def _give_up(settings: Settings, options: argparse.Namespace) -> int:
    from tokendesk.running.apply import give_up_run

    if not (options.why or "").strip():
        raise UsageError("Give a reason for the journal: --why TEXT")
    with Desk(settings.paths.desk, author=settings.author) as desk:
        run_id = find_unfinished_run(desk, options.give_up).run_id
    give_up_run(settings, None, run_id, options.why)
    print_result(settings, run_id, as_json=options.json)
    return 0

"""`tokendesk apply`: applies a saved plan, after checking what changed since."""

import argparse
import sys

from tokendesk.commands.plan_cli import current_time, plan_options, plan_settings, run_plan
from tokendesk.errors import Refused, UsageError
from tokendesk.input_files import input_path
from tokendesk.model.counting import counted
from tokendesk.reporting.plan_file import load_plan
from tokendesk.reporting.plan_text import review_lines
from tokendesk.running.migration import open_reader
from tokendesk.views.planning import planner
from tokendesk.views.recheck import recheck


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help="a file written by --save-plan; - is standard input")
    parser.add_argument("--hash", metavar="H", help="the approved hash, or its first 16 or more characters")
    plan_options(parser, saved=True)


def run(options: argparse.Namespace) -> int:
    settings = plan_settings(options)
    if options.plan == "-" and options.hash is None:
        raise UsageError(
            "A plan from standard input needs the hash that was approved, since nobody can look at it: --hash H"
        )
    plan = load_plan(input_path(options.plan))
    if options.hash is not None and not (len(options.hash) >= 16 and plan.digest.startswith(options.hash.lower())):
        raise Refused(f"This is not the plan that was approved: its hash is {plan.digest}. Nothing was sent.")
    with open_reader(settings.paths, settings.thresholds) as reader:
        fresh, changed = recheck(reader, plan, planner(settings, current_time()))
    if changed:
        for line in review_lines(fresh):
            print(line, file=sys.stderr if options.json else sys.stdout)
        raise Refused(
            f"{counted(len(changed), 'row')} changed since the plan was created: nothing was sent. "
            "Save a new plan and review it."
        )
    for warning in fresh.warnings:
        if warning not in plan.warnings:  # the approved warnings are known; only new ones are printed
            print(f"tokendesk: {warning.text}", file=sys.stderr)
    return run_plan(settings, plan, options)

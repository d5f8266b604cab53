"""`tokendesk quarantine`: lists users in quarantine, and ends a quarantine."""

import argparse
import sys
from typing import TYPE_CHECKING

from tokendesk.commands.json_output import print_json
from tokendesk.commands.plan_cli import current_time, finish_plan, plan_options, plan_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.quarantine import end_quarantine
from tokendesk.desk.runs import KEEP, QUARANTINE_ENDS
from tokendesk.errors import Refused, UsageError
from tokendesk.model.counting import counted
from tokendesk.reporting.plan_text import QUARANTINE
from tokendesk.running.migration import open_reader
from tokendesk.views.journal import find_run
from tokendesk.views.planning import planner
from tokendesk.views.quarantine import Quarantine, active_quarantine, answer_plan, open_reason, quarantines
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.documents.plans import QuarantineEndDocument


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "end"), default="list", help="default: list")
    parser.add_argument("run", nargs="?", metavar="RUN", help="the run whose quarantine ends")
    answers = parser.add_mutually_exclusive_group()
    answers.add_argument("--put-back", dest="how", action="store_const", const="put-back", help="move them back")
    answers.add_argument("--revoke", dest="how", action="store_const", const="revoke", help="revoke their tokens")
    answers.add_argument("--keep", dest="how", action="store_const", const=KEEP, help="leave them in the new policy")
    plan_options(parser)


def run(options: argparse.Namespace) -> int:
    settings = plan_settings(options)
    now = current_time()
    with open_reader(settings.paths, settings.thresholds) as reader:
        if options.what == "list":
            _list(reader, now, as_json=options.json)
            return 0
        if not options.run or not options.how:
            raise UsageError(
                "Name the run and how its quarantine ends: "
                f"quarantine end RUN {' or '.join(f'--{a}' for a in QUARANTINE_ENDS)}"
            )
        run_id = find_run(reader, options.run, to_change=True)
        active_quarantine(reader, run_id)
        plan = answer_plan(reader, run_id, options.how, planner(settings, now))
    if plan is not None and plan.rows_to_do:
        code = finish_plan(settings, plan, options)
        if not options.apply or code != 0:
            return code
        with open_reader(settings.paths, settings.thresholds) as reader:
            plan = answer_plan(reader, run_id, options.how, planner(settings, now))
        if plan is not None and plan.rows_to_do:
            _print_end(options, run_id, open_reason(plan, options.how))
            return 0
    if plan is not None and (why := open_reason(plan, options.how)):
        raise Refused(why)
    with Desk(settings.paths.desk, author=settings.author) as desk:
        end_quarantine(desk, run_id, options.how)
    _print_end(options, run_id)
    return 0


def _print_end(options: argparse.Namespace, run_id: str, why_open: str = "") -> None:
    if not options.json:
        print(why_open or f"The quarantine of run {run_id[:8]} has ended: {options.how}.")
        return
    document: QuarantineEndDocument = {
        "document": "quarantine-end", "version": 1, "run": run_id, "how": options.how, "ended": not why_open,
        "why": why_open or None,
    }  # fmt: skip
    print_json(document)


def _list(reader: Reader, now: int, *, as_json: bool) -> None:
    found = quarantines(reader)
    if as_json:
        print_json([_record(each, now) for each in found])
        return
    if not found:
        print("Nobody is in quarantine. Start one with: tokendesk move … --quarantine-until DATE", file=sys.stderr)
        return
    for each in found:
        due = " · DUE: put back, revoke or keep" if each.is_due(now) else ""
        apart = f" · {each.kept_apart}" if each.kept_apart else ""
        used = f" · {len(each.used):,} used since" if each.used else ""
        print(
            f"{each.run_id[:8]}  until {each.until}  {counted(len(each.account_ids), 'user')}, "
            f"{counted(len(each.token_ids), 'token')}{apart}{used}{due}"
        )
    print(QUARANTINE, file=sys.stderr)


def _record(each: Quarantine, now: int) -> dict[str, object]:
    return {
        "run": each.run_id,
        "until": each.until,
        "due": each.is_due(now),
        "users": each.account_ids,
        "tokens": each.token_ids,
        "used": each.used,
        "may_not_stop": each.may_not_stop,
        "not_told": each.not_told,
    }

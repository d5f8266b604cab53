"""`tokendesk goal`: the policy in which tokens should be blocked, and the progress."""

import argparse
import sys
from typing import TYPE_CHECKING

from tokendesk.commands.desk_access import open_desk, open_reader, undo_hint
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.config import load_settings
from tokendesk.desk.goals import write_goal
from tokendesk.errors import UsageError
from tokendesk.views.goals import current_goal, describe_goal, goal_counts
from tokendesk.views.policies import policy_named
from tokendesk.views.reader import Reader
from tokendesk.views.triage import describe_triage_order

if TYPE_CHECKING:
    from tokendesk.documents.facts import GoalDocument


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "policy", nargs="?", metavar="POLICY", help="a policy's name or id; without it, print the progress"
    )
    parser.add_argument("--clear", action="store_true", help="remove the goal")
    json_option(parser)


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.policy and options.clear:
        raise UsageError("POLICY and --clear exclude each other. Leave one out.")
    with open_reader(settings) as reader:
        if options.policy or options.clear:
            with open_desk(settings) as desk:
                write_goal(desk, policy_named(reader, options.policy) if options.policy else None)
            if options.clear and not options.json:
                print("The goal was removed.")
                print(undo_hint(settings), file=sys.stderr)
                return 0
        if options.json:
            print_json(
                _document(reader, int(settings.now().timestamp()), written=bool(options.policy or options.clear))
            )
            return 0
        goal = current_goal(reader)
        if goal is None:
            print("There is no goal. Set one with: tokendesk goal POLICY", file=sys.stderr)
            return 0
        print(f"Goal: block tokens in {goal.name}.")
        print(describe_goal(reader, int(settings.now().timestamp())))
        print(f"Triage order: {describe_triage_order(reader)}")
        if options.policy:
            print(undo_hint(settings), file=sys.stderr)
    return 0


def _document(reader: Reader, now: int, *, written: bool) -> "GoalDocument":
    goal = current_goal(reader)
    if goal is None:
        return {"document": "goal", "version": 1, "goal": None, "written": written}
    counts = goal_counts(reader, goal, now)
    return {
        "document": "goal",
        "version": 1,
        "goal": {
            "policy_id": goal.policy_id,
            "name": goal.name,
            "setting": goal.setting,
            "author": goal.author,
            "time": goal.time,
            "progress": {
                "tokens": counts.total,
                "in_use": counts.in_use,
                "unexplained": counts.unexplained,
                "decided": counts.decided,
                "blocked": counts.blocked,
                "allowed": counts.allowed,
                "stop": counts.in_use - counts.may_not_stop - counts.not_told,
                "may_not_stop": counts.may_not_stop,
                "not_told": counts.not_told,
                "policy_unknown": counts.unknown_policy,
            },
            "words": describe_goal(reader, now) or "",
        },
        "written": written,
    }

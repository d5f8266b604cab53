"""`tokendesk goal`: the policy in which tokens should be blocked, and the progress."""

import argparse

from tokendesk.commands.desk_access import open_desk, open_reader, undo_hint
from tokendesk.config import load_settings
from tokendesk.desk.goals import write_goal
from tokendesk.errors import UsageError
from tokendesk.views.goals import current_goal, describe_goal
from tokendesk.views.policies import policy_named
from tokendesk.views.triage import describe_triage_order


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "policy", nargs="?", metavar="POLICY", help="a policy's name or id; without it, print the progress"
    )
    parser.add_argument("--clear", action="store_true", help="remove the goal")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.policy and options.clear:
        raise UsageError("POLICY and --clear exclude each other. Leave one out.")
    with open_reader(settings) as reader:
        if options.policy or options.clear:
            with open_desk(settings) as desk:
                write_goal(desk, policy_named(reader, options.policy) if options.policy else None)
            if options.clear:
                print(f"The goal was removed. {undo_hint(settings)}")
                return 0
        goal = current_goal(reader)
        if goal is None:
            print("There is no goal. Set one with: tokendesk goal POLICY")
            return 0
        print(f"Goal: block tokens in {goal.name}.")
        print(describe_goal(reader, int(settings.now().timestamp())))
        print(f"Triage order: {describe_triage_order(reader)}")
        if options.policy:
            print(undo_hint(settings))
    return 0

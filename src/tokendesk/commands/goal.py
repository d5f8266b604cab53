"""`tokendesk goal`: the policy in which tokens are to be blocked, and how far that is."""

import argparse

from tokendesk.commands.desk_access import open_desk, open_reader, undo_hint
from tokendesk.config import load_settings
from tokendesk.desk.goals import write_goal
from tokendesk.errors import UsageError
from tokendesk.views.goals import goal_words, the_goal
from tokendesk.views.policies import policy_named
from tokendesk.views.triage import order_words


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", nargs="?", metavar="POLICY", help="a policy's name or id; without one: how far it is")
    parser.add_argument("--clear", action="store_true", help="have no goal any more")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.policy and options.clear:
        raise UsageError("A goal is set or cleared. Leave one of the two out.")
    with open_reader(settings) as reader:
        if options.policy or options.clear:
            with open_desk(settings) as desk:
                write_goal(desk, policy_named(reader, options.policy) if options.policy else None)
            if options.clear:
                print(f"There is no goal any more. {undo_hint(settings)}")
                return 0
        goal = the_goal(reader)
        if goal is None:
            print("There is no goal. Set one with: tokendesk goal POLICY")
            return 0
        print(f"Goal: block tokens in {goal.name}.")
        print(goal_words(reader, int(settings.now().timestamp())))
        print(f"Triage goes: {order_words(reader)}")
        if options.policy:
            print(undo_hint(settings))
    return 0

"""`tokendesk help [COMMAND]`: the same as `COMMAND --help`."""

import argparse

from tokendesk.commands.program_help import print_help


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="such as list, or snapshot save")


def run(options: argparse.Namespace) -> int:
    print_help(options.command)
    return 0

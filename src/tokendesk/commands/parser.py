"""The parser of each command. `tokendesk` without arguments starts without one."""

import argparse
import sys
from typing import Any, NoReturn

from tokendesk.commands.error_output import hide_keys
from tokendesk.commands.registry import Command, command_module


class Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        # argparse would be silent about an output that cannot be written.
        print(self.format_help(), end="", file=file or sys.stdout)

    def error(self, message: str) -> NoReturn:
        if message == "unrecognized arguments: --write":
            message = "this command changes nothing in the organization and has no --write"
        message = hide_keys(message)
        self.exit(2, f"tokendesk: {message}{'' if message.endswith('?') else '.'} See: {self.prog} --help\n")


def command_parser(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command."""
    parser = Parser(prog=f"tokendesk {command.name}", description=f"{command.help[0].upper()}{command.help[1:]}.")
    parser.add_argument("--profile", metavar="NAME", help="which organization, as in config.toml")
    # These are taken from any place of the command line before: see common_options.py.
    parser.add_argument("-q", "--quiet", action="store_true", help="nothing on standard error but errors")
    parser.add_argument("--no-color", action="store_true", help="the same as NO_COLOR in the environment")
    command_module(command).options(parser)
    return parser

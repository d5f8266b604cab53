"""The parser of each command. Bare `tokendesk` has no use for one, and starts without."""

import argparse
from typing import NoReturn

from tokendesk.commands.registry import Command, command_module


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if message == "unrecognized arguments: --write":
            message = "this command changes nothing in the organization, so it takes no --write"
        self.exit(2, f"tokendesk: {message}{'' if message.endswith('?') else '.'} See: {self.prog} --help\n")


def command_parser(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command, for the completion and the reference."""
    parser = Parser(prog=f"tokendesk {command.name}", description=f"{command.help.capitalize()}.")
    parser.add_argument("--profile", metavar="NAME", help="which organization, as in config.toml")
    command_module(command).options(parser)
    return parser

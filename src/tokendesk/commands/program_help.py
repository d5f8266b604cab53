"""The help of the program, and of each command."""

import argparse
from collections.abc import Sequence

from tokendesk.commands.parser import Parser, command_parser
from tokendesk.commands.registry import COMMANDS, Command, grouped_commands

DESCRIPTION = "A triage desk for the user API tokens of an Atlassian Cloud organization."
EPILOG = """\
Without a command it opens the last snapshot. More: COMMAND --help, or --spec
exit codes: 0 done, 1 some rows failed or differ, 2 wrong usage or filter,
3 key refused, 4 API not reached, 5 refused by a safety rule, 130 interrupted
"""


def command_named(name: str) -> Command:
    command = next((command for command in COMMANDS if command.name == name), None)
    if command is not None:
        return command
    from tokendesk.filtering.fields import nearest

    near = nearest(name, [command.name for command in COMMANDS])
    meant = f". Did you mean {near}?" if near else ""
    return program_parser().error(f"there is no command {name!r}{meant}")


def print_help(words: Sequence[str]) -> None:
    """Print the help of a command, or of a part of it such as `snapshot save`; without words, of the program."""
    if not words:
        program_parser().print_help()
        return
    try:
        command_parser(command_named(words[0])).parse_args([*words[1:], "--help"])
    except SystemExit as ended:  # --help ends with it
        if ended.code:
            raise


_COLUMN = 40


def _command_list() -> str:
    """Return the commands in two columns, so that all of the help fits a terminal of 80 x 24."""
    columns: tuple[list[str], list[str]] = ([], [])
    for title, commands in grouped_commands().items():
        if not commands:
            continue
        shorter = min(columns, key=len)
        shorter.append(f"{title}:")
        shorter.extend(f"  {c.name:<10} {_truncate(c.brief or c.help, _COLUMN - 14)}" for c in commands)
    left, right = columns
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return "\n".join(f"{a:<{_COLUMN}}{b}".rstrip() for a, b in zip(left, right, strict=True))


def _truncate(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def program_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tokendesk",
        usage="tokendesk [--profile NAME] [--write] [-q] [--no-color] [COMMAND ...]",
        description=f"{DESCRIPTION}\n\n{_command_list()}",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    # The usage lists them; a section of options would push the commands off the screen.
    parser.add_argument("--help", "-h", action="help", help=argparse.SUPPRESS)
    parser.add_argument("--profile", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", "-V", action="store_true", help=argparse.SUPPRESS)
    return parser

"""The command line: which commands there are, and how a refusal is said.

Each command is a module of `tokendesk.commands` with `options(parser)` and `run(options)`; it is imported when it
is the one that was asked for.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from tokendesk.errors import TokendeskError

DESCRIPTION = "A triage desk for the user API tokens of an Atlassian Cloud organization."
EPILOG = """\
Alone it opens the last snapshot. More: tokendesk COMMAND --help
exit codes: 0 done, 1 some rows failed or differ, 2 wrong usage or filter,
3 key refused, 4 API not reached, 5 refused by a safety rule, 130 interrupted
"""


class Command(NamedTuple):
    name: str
    help: str
    takes_filter: bool = False
    """Whether it has `filter`, the words of a filter, among its arguments."""
    module: str = ""
    brief: str = ""
    """The help in at most 27 letters, for the list of all commands."""


COMMANDS = (
    Command("demo", "browse a practice organization, no account needed", brief="a practice organization"),
    Command("init", "set up your organization", brief="set up your organization"),
    Command("check", "what this key can do, and what would help", brief="what this key can do"),
    Command("pull", "copy the organization into the local snapshot", brief="copy the organization"),
    Command("list", "print the rows a pane would show", takes_filter=True, brief="print the rows of a pane"),
    Command("note", "write a note on every token that matches", takes_filter=True, brief="write notes on tokens"),
    Command("letters", "texts to owners: what are these tokens for?", takes_filter=True, brief="texts to owners"),
    Command("notes", "export or import all notes", brief="export or import notes"),
    Command("desk", "export or import every entry: the handover", brief="hand over every entry"),
    Command("policies", "what you know of policies: names, token settings", brief="name policies"),
    Command("goal", "the policy in which tokens are to be blocked", brief="where to block tokens"),
    Command("readiness", "what stops if a policy blocks user API tokens", brief="what stops if blocked"),
    Command(
        "move", "plan to move users to a policy, or carry it out", takes_filter=True, brief="move users to a policy"
    ),
    Command("revoke", "plan to revoke tokens, or carry it out", takes_filter=True, brief="revoke tokens"),
    Command("apply", "carry out a plan that was saved", brief="carry out a saved plan"),
    Command("undo", "plan to take a run back, or carry it out", takes_filter=True, brief="take a run back"),
    Command("settle", "find out what became of a run that broke off", brief="a run that broke off"),
    Command("quarantine", "the users who were moved to see whether anyone misses their tokens", brief="moved on trial"),
    Command("report", "a run as a page for the change ticket", brief="a run as a page"),
    Command("open", "browse a saved snapshot", brief="browse a saved snapshot"),
    Command("snapshot", "keep the snapshot as a file, or compare two", brief="save, describe or compare"),
    Command(
        "completion",
        "print what makes your shell complete commands, options and filters",
        brief="for bash, zsh and fish",
    ),
    Command("sandbox", "serve the practice organization on 127.0.0.1", brief="serve the practice one"),
)
"""In the order in which a newcomer meets them."""
GROUPS = {
    "every day": ("demo", "init", "check", "pull", "list", "note", "goal", "policies", "readiness"),
    "change": ("move", "revoke", "apply", "undo", "settle", "quarantine"),
    "share": ("notes", "desk", "snapshot", "open", "report", "letters"),
}
"""Under which title the help lists a command; those that are named nowhere stand under "more"."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors are one sentence on stderr, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from tokendesk import __version__

        print(f"tokendesk {__version__}")
        return 0
    from tokendesk.filtering.errors import FilterError

    options: Any = None
    try:
        command, options = _options(arguments)
        return int(_module(command).run(options))
    except TokendeskError as error:
        print(f"tokendesk: {error}", file=sys.stderr)
        return error.exit_code
    except FilterError as error:
        print(f"tokendesk: {error}\n{error.pointer(options.filter)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our pipe has seen enough; what is left must not be flushed at exit either.
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        print("tokendesk: interrupted.", file=sys.stderr)
        return 130


BROWSE = Command("", "", module="browse")


def _module(command: Command) -> Any:
    return import_module(f"tokendesk.commands.{command.module or command.name}")


def _options(arguments: list[str]) -> tuple[Command, argparse.Namespace]:
    """Return the command that is asked for and its options; `filter` is one text."""
    profile, rest = _profile(arguments)
    if not rest or rest[0].startswith("-"):
        parser = _top_parser()
        options = parser.parse_args(rest)
        options.profile = profile
        return BROWSE, options
    command = next((command for command in COMMANDS if command.name == rest[0]), None)
    if command is None:
        from tokendesk.filtering.fields import nearest

        near = nearest(rest[0], [command.name for command in COMMANDS])
        meant = f". Did you mean {near}?" if near else ""
        _top_parser().error(f"there is no command {rest[0]!r}{meant}")
    parser = parser_of(command)
    parser.set_defaults(profile=profile)
    if not command.takes_filter:
        return command, parser.parse_args(rest[1:])
    options = parser.parse_intermixed_args(_veiled(rest[1:]))
    options.filter = " ".join(text.removeprefix(_FILTER) for text in options.filter)
    return command, options


def _profile(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Take `--profile NAME` from wherever it stands: in front of the command, or behind its last word."""
    for at, text in enumerate(arguments):
        if text.startswith("--profile="):
            return text.partition("=")[2], arguments[:at] + arguments[at + 1 :]
        if text == "--profile" and at + 1 < len(arguments):
            return arguments[at + 1], arguments[:at] + arguments[at + 2 :]
    return None, arguments


_FILTER = "\0"
"""Stands before an argument that is part of a filter, however much it looks like an option."""


def _veiled(arguments: list[str]) -> list[str]:
    """Mend two habits of argparse for filters: `-owner:bo` is no `-o`, and a sort order may begin with a dash."""
    veiled: list[str] = []
    for text in arguments:
        if veiled[-1:] == ["--sort"]:
            veiled[-1] = f"--sort={text}"
        elif text != "--":
            veiled.append(_FILTER + text if re.match(r"-[^-].", text) else text)
    return veiled


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"tokendesk: {message}{'' if message.endswith('?') else '.'} See: {self.prog} --help\n")


def groups() -> dict[str, list[Command]]:
    """Return the commands under their titles."""
    named = {name for names in GROUPS.values() for name in names}
    found = {title: [c for c in COMMANDS if c.name in names] for title, names in GROUPS.items()}
    return {**found, "more": [command for command in COMMANDS if command.name not in named]}


_COLUMN = 40


def _command_list() -> str:
    """Return the commands in two columns, so that all of the help fits a terminal of 80 x 24."""
    columns: tuple[list[str], list[str]] = ([], [])
    for title, commands in groups().items():
        if not commands:
            continue
        shorter = min(columns, key=len)
        shorter.append(f"{title}:")
        shorter.extend(f"  {c.name:<10} {_fitted(c.brief or c.help, _COLUMN - 14)}" for c in commands)
    left, right = columns
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return "\n".join(f"{a:<{_COLUMN}}{b}".rstrip() for a, b in zip(left, right, strict=True))


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _top_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tokendesk",
        usage="tokendesk [--profile NAME] [--version] [--help] [COMMAND ...]",
        description=f"{DESCRIPTION}\n\n{_command_list()}",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    # The usage names them; a section of options would push the commands off the screen.
    parser.add_argument("--help", "-h", action="help", help=argparse.SUPPRESS)
    parser.add_argument("--profile", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--version", "-V", action="store_true", help=argparse.SUPPRESS)
    return parser


def parser_of(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command, for the completion and the reference."""
    parser = _Parser(prog=f"tokendesk {command.name}", description=f"{command.help.capitalize()}.")
    parser.add_argument("--profile", metavar="NAME", help="which organization, as in config.toml")
    _module(command).options(parser)
    return parser

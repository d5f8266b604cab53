"""The command line: finds the command, runs it, reports errors.

Each command is a module of `tokendesk.commands` with `options(parser)` and `run(options)`, imported on demand.
"""

import gc
import io
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tokendesk.commands.error_output import print_error
from tokendesk.commands.registry import COMMANDS, Command, command_module, grouped_commands
from tokendesk.errors import TokendeskError

if TYPE_CHECKING:
    import argparse

DESCRIPTION = "A triage desk for the user API tokens of an Atlassian Cloud organization."
EPILOG = """\
Without a command it opens the last snapshot. More: COMMAND --help, or --spec
exit codes: 0 done, 1 some rows failed or differ, 2 wrong usage or filter,
3 key refused, 4 API not reached, 5 refused by a safety rule, 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors are one sentence on stderr, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stderr is None:  # it was closed: messages are discarded
        sys.stderr = io.StringIO()
    from tokendesk.commands.stdout import safe_streams

    with safe_streams():
        try:
            return _main(arguments)
        except KeyboardInterrupt as error:  # here, where one that comes while an error is reported is caught as well
            with _no_more_interrupts():
                _discard(error)
                print("tokendesk: interrupted.", file=sys.stderr)
            return 130


@contextmanager
def _no_more_interrupts() -> Iterator[None]:
    """Ignore ctrl+c pressed again: the program is ending, and would print a traceback."""
    import signal

    if threading.current_thread() is not threading.main_thread():  # it gets no signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _discard(error: BaseException) -> None:
    """Discard what was interrupted: an event loop that is half made cannot close itself, and prints a traceback.

    A coroutine that was not awaited yet would be warned about.
    """
    import warnings

    usual, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        with warnings.catch_warnings(action="ignore"):
            error.__traceback__ = error.__context__ = None
            gc.collect()
    finally:
        sys.unraisablehook = usual


def _main(arguments: list[str]) -> int:
    from tokendesk.filtering.errors import FilterError, MissingValue

    options: Any = None
    try:
        if arguments in (["--version"], ["-V"]):
            from tokendesk import __version__

            print(f"tokendesk {__version__}")
            return _end(0)
        if arguments == ["--spec"]:
            from tokendesk.commands.spec import print_spec

            print_spec()
            return _end(0)
        try:
            command, options = _options(arguments)
        except SystemExit as ended:
            if ended.code:
                raise
            return _end(0)  # --help
        if command is BROWSE:
            from tokendesk.tui.startup import paused_gc

            with paused_gc():
                return _end(int(command_module(command).run(options)))
        if sys.stdout is not None:
            from tokendesk.commands.stdout import standard_output

            standard_output()
        return _end(int(command_module(command).run(options)))
    except TokendeskError as error:
        print_error(str(error))
        return error.exit_code
    except FilterError as error:
        quotes = " (in a shell, put the filter in quotes: the shell interprets < and >)"
        shell = quotes if isinstance(error, MissingValue) else ""
        print_error(f"{error}{shell}\n{error.pointer(options.filter)}")
        return 2
    except BrokenPipeError:
        # The reader closed the pipe; Python must not flush the rest at exit.
        sys.stdout = None
        return 0
    except OSError as error:
        if not _can_write("" if error.filename else "\n"):
            words = f"the output cannot be written: {error.strerror or error}. Changes made before that are kept"
            print(f"tokendesk: {words}.", file=sys.stderr)
            return 2
        where = f"{error.filename}: " if error.filename else "Reading or writing failed: "
        print_error(f"{where}{error.strerror or error}. Fix this and try again.")
        return 2
    except UnicodeEncodeError:
        words = "an argument, a setting or a file contains bytes that are not UTF-8. Type it again, or save it as UTF-8"
        print(f"tokendesk: {words}.", file=sys.stderr)
        return 2
    except MemoryError:
        print("tokendesk: not enough memory. Narrow the request, or free some memory.", file=sys.stderr)
        return 2


def _end(code: int) -> int:
    """Write what is left of the output, here, where a failure can be reported; return the exit code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = None
        words = f"the command is done, but its output could not be written: {error.strerror or error}"
        print(f"tokendesk: {words}.", file=sys.stderr)
        return 2
    return code


def _can_write(more: str) -> bool:
    """Whether standard output accepts `more`. If not, drop it: Python would report the error again at exit."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(more)
            sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = None
        return False
    return True


BROWSE = Command("", "", module="browse")


def _options(arguments: list[str]) -> tuple[Command, "argparse.Namespace | SimpleNamespace"]:
    """Return the command and its options; `filter` is one text."""
    profile, rest = _extract_profile(arguments)
    if not rest:
        return BROWSE, SimpleNamespace(profile=profile, write=False)
    from tokendesk.commands.parser import command_parser

    if rest[0] == "--write" and len(rest) > 1 and not rest[1].startswith("-"):
        rest = [rest[1], "--write", *rest[2:]]  # allowed before the command, like --profile
    if rest[0].startswith("-"):
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
    parser = command_parser(command)
    parser.set_defaults(profile=profile)
    if not command.takes_filter:
        return command, parser.parse_args(rest[1:])
    options = parser.parse_intermixed_args(_mark_filter_words(rest[1:]))
    options.filter_words = [text.removeprefix(_FILTER) for text in options.filter]
    options.filter = " ".join(options.filter_words)
    return command, options


def _extract_profile(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Take `--profile NAME` from any position: before the command, or after its last argument."""
    for at, text in enumerate(arguments):
        if text.startswith("--profile="):
            return text.partition("=")[2], arguments[:at] + arguments[at + 1 :]
        if text == "--profile" and at + 1 < len(arguments):
            return arguments[at + 1], arguments[:at] + arguments[at + 2 :]
    return None, arguments


_FILTER = "\0"
"""Marks an argument that is part of a filter although it looks like an option."""


def _mark_filter_words(arguments: list[str]) -> list[str]:
    """Work around argparse for filters: `-owner:bo` is not `-o`, and a sort order may begin with a dash."""
    veiled: list[str] = []
    for text in arguments:
        if veiled[-1:] == ["--sort"]:
            veiled[-1] = f"--sort={text}"
        elif text != "--":
            veiled.append(_FILTER + text if re.match(r"-[^-].", text) else text)
    return veiled


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


def _top_parser() -> "argparse.ArgumentParser":
    import argparse

    from tokendesk.commands.parser import Parser

    parser = Parser(
        prog="tokendesk",
        usage="tokendesk [--profile NAME] [--write] [--version] [--help] [COMMAND ...]",
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

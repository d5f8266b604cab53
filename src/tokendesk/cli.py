"""The command line: finds the command, runs it, reports errors.

Each command is a module of `tokendesk.commands` with `options(parser)` and `run(options)`, imported on demand.
"""

import gc
import io
import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tokendesk.commands.common_options import extract_common_options
from tokendesk.commands.error_output import print_error
from tokendesk.commands.registry import Command, command_module
from tokendesk.errors import TokendeskError

if TYPE_CHECKING:
    import argparse


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
        _, plain = extract_common_options(arguments)
        if plain in (["--version"], ["-V"]):
            from tokendesk import __version__

            print(f"tokendesk {__version__}")
            return _end(0)
        if plain == ["--spec"]:
            from tokendesk.commands.spec import print_spec

            print_spec()
            return _end(0)
        try:
            command, options = _options(arguments)
        except SystemExit as ended:
            if ended.code:
                raise
            return _end(0)  # --help
        if options.no_color:
            os.environ["NO_COLOR"] = "1"  # Textual reads it
        if command is BROWSE:
            from tokendesk.tui.startup import paused_gc

            with paused_gc():
                return _end(int(command_module(command).run(options)))
        if sys.stdout is not None:
            from tokendesk.commands.stdout import standard_output

            standard_output()
        if options.quiet:
            from tokendesk.commands.stdout import quiet_stderr

            with quiet_stderr():
                return _end(int(command_module(command).run(options)))
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
    common, rest = extract_common_options(arguments)
    if not rest:
        return BROWSE, SimpleNamespace(write=False, **common._asdict())
    from tokendesk.commands.parser import command_parser
    from tokendesk.commands.program_help import command_named, program_parser

    if rest[0] == "--write" and len(rest) > 1 and not rest[1].startswith("-"):
        rest = [rest[1], "--write", *rest[2:]]  # allowed before the command, like --profile
    if rest[0].startswith("-"):
        parser = program_parser()
        options = parser.parse_args(rest)
        vars(options).update(common._asdict())
        return BROWSE, options
    command = command_named(rest[0])
    parser = command_parser(command)
    parser.set_defaults(**common._asdict())
    if not command.takes_filter:
        return command, _with_streams(parser.parse_args(rest[1:]))
    options = parser.parse_intermixed_args(_mark_filter_words(rest[1:]))
    options.filter_words = [text.removeprefix(_FILTER) for text in options.filter]
    options.filter = " ".join(options.filter_words)
    return command, _with_streams(options)


def _with_streams(options: "argparse.Namespace") -> "argparse.Namespace":
    """Take `-o -` for standard output, which is used without -o."""
    if getattr(options, "output", None) == "-":
        options.output = None
    return options


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

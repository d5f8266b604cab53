"""The command line: which commands there are, and how a refusal is said.

Each command is a module of `tokendesk.commands` with `options(parser)` and `run(options)`; it is imported when it
is the one that was asked for.
"""

import gc
import io
import re
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tokendesk.commands.table import COMMANDS, Command, groups, module_of
from tokendesk.errors import TokendeskError

if TYPE_CHECKING:
    import argparse

DESCRIPTION = "A triage desk for the user API tokens of an Atlassian Cloud organization."
EPILOG = """\
Alone it opens the last snapshot. More: tokendesk COMMAND --help
exit codes: 0 done, 1 some rows failed or differ, 2 wrong usage or filter,
3 key refused, 4 API not reached, 5 refused by a safety rule, 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors are one sentence on stderr, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stderr is None:  # it was closed: what is said there is said to nobody
        sys.stderr = io.StringIO()
    from tokendesk.commands.standard import printed

    with printed():
        return _main(arguments)


def _let_go(error: BaseException) -> None:
    """Drop what was broken off. An event loop that was half made cannot close itself, and says so in a traceback."""
    usual, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        error.__traceback__ = error.__context__ = None
        gc.collect()
    finally:
        sys.unraisablehook = usual


def _main(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from tokendesk import __version__

        print(f"tokendesk {__version__}")
        return 0
    from tokendesk.filtering.errors import FilterError, MissingValue

    options: Any = None
    try:
        command, options = _options(arguments)
        if command is BROWSE:
            # Until the first frame there is much to make and nothing to collect; the main screen turns it on again.
            gc.disable()
        elif sys.stdout is not None:
            from tokendesk.commands.standard import standard_output

            standard_output()
        code = int(module_of(command).run(options))
        try:
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where it can be said that this fails
        except BrokenPipeError:
            raise
        except OSError as error:
            sys.stdout = None
            words = f"what was asked for is done, but its output could not be written: {error.strerror or error}"
            print(f"tokendesk: {words}.", file=sys.stderr)
            return 2
        return code
    except TokendeskError as error:
        print(f"tokendesk: {error}", file=sys.stderr)
        return error.exit_code
    except FilterError as error:
        quotes = " (in a shell, put the filter in quotes: < and > mean something else there)"
        shell = quotes if isinstance(error, MissingValue) else ""
        print(f"tokendesk: {error}{shell}\n{error.pointer(options.filter)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our pipe has seen enough; what is left must not be flushed at exit either.
        sys.stdout = None
        return 0
    except OSError as error:
        if not _can_be_written("" if error.filename else "\n"):
            words = f"the output cannot be written: {error.strerror or error}. What was changed before that is kept"
            print(f"tokendesk: {words}.", file=sys.stderr)
            return 2
        where = f"{error.filename}: " if error.filename else "Reading or writing failed: "
        print(f"tokendesk: {where}{error.strerror or error}. Fix that, and try again.", file=sys.stderr)
        return 2
    except UnicodeEncodeError:
        words = "an argument, a setting or a file holds bytes that are not UTF-8. Type it again, or save it as UTF-8"
        print(f"tokendesk: {words}.", file=sys.stderr)
        return 2
    except MemoryError:
        print("tokendesk: there is not enough memory for this. Ask for less, or free some.", file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        _let_go(error)
        print("tokendesk: interrupted.", file=sys.stderr)
        return 130
    finally:
        gc.enable()  # where the screens did not come so far


def _can_be_written(more: str) -> bool:
    """Whether standard output takes `more`. Where not, let go of it: at exit Python would try again, in its words."""
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
    """Return the command that is asked for and its options; `filter` is one text."""
    profile, rest = _profile(arguments)
    if not rest:
        return BROWSE, SimpleNamespace(profile=profile, write=False)
    from tokendesk.commands.parser import parser_of

    if rest[0] == "--write" and len(rest) > 1 and not rest[1].startswith("-"):
        rest = [rest[1], "--write", *rest[2:]]  # it may stand in front of the command, as --profile may
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
    parser = parser_of(command)
    parser.set_defaults(profile=profile)
    if not command.takes_filter:
        return command, parser.parse_args(rest[1:])
    options = parser.parse_intermixed_args(_veiled(rest[1:]))
    options.filter_words = [text.removeprefix(_FILTER) for text in options.filter]
    options.filter = " ".join(options.filter_words)
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
    # The usage names them; a section of options would push the commands off the screen.
    parser.add_argument("--help", "-h", action="help", help=argparse.SUPPRESS)
    parser.add_argument("--profile", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", "-V", action="store_true", help=argparse.SUPPRESS)
    return parser

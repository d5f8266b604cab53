"""The command line: what can be asked for, and how a refusal is said. Commands are imported when they run."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from tokendesk.errors import TokendeskError

DESCRIPTION = "A triage desk, in the terminal, for the user API tokens of an Atlassian Cloud organization."
EPILOG = """\
Without a command, tokendesk opens the last snapshot of the profile.

exit codes: 0 done · 1 some rows failed or differ · 2 wrong usage or filter · 3 the key was refused
            4 the API could not be reached or kept failing · 5 refused by a safety rule · 130 interrupted
environment: TOKENDESK_API_URL TOKENDESK_ORG_ID TOKENDESK_API_KEY TOKENDESK_PROFILE TOKENDESK_HOME
             TOKENDESK_REVOKE_KEY TOKENDESK_ADMIN_EMAIL
"""
FORMATS = ("table", "csv", "json", "jsonl")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors are one sentence on stderr, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from tokendesk import __version__

        print(f"tokendesk {__version__}")
        return 0
    from tokendesk.filtering.errors import FilterError

    try:
        options = _options(arguments)
        return _run(options)
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


_FILTER = "\0"
"""Stands before an argument that is part of a filter, however much it looks like an option."""


def _options(arguments: list[str]) -> argparse.Namespace:
    """Parse, with two habits of argparse mended for filters: `-owner:bo` is no `-o`, and options may come first."""
    if arguments[:1] != ["list"]:
        return _parser().parse_args(arguments)
    veiled: list[str] = []
    for text in arguments:
        if veiled[-1:] == ["--sort"]:
            veiled[-1] = f"--sort={text}"
        elif text != "--":
            veiled.append(_FILTER + text if re.match(r"-[^-].", text) else text)
    parser = _parser()
    options, rest = parser.parse_known_args(veiled)
    if unknown := [text for text in rest if text.startswith("-")]:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    words = [*options.filter, *rest]
    options.filter = []
    for text in veiled[veiled.index(options.pane) + 1 :]:
        if text in words:
            words.remove(text)
            options.filter.append(text.removeprefix(_FILTER))
    return options


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "demo":
            from tokendesk.commands.demo import demo

            return demo(options)
        case "sandbox":
            from tokendesk.commands.sandbox import sandbox

            return sandbox(options)
        case "pull":
            from tokendesk.commands.pull import pull

            return pull(options)
        case "check":
            from tokendesk.commands.check import check

            return check(options)
        case "init":
            from tokendesk.commands.init import init

            return init(options)
        case "list":
            from tokendesk.commands.list import list_rows

            return list_rows(options)
    from tokendesk.commands.browse import browse

    return browse(options)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"tokendesk: {message}. See: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tokendesk",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    profile = _Parser(add_help=False)
    profile.add_argument(
        "--profile",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="which organization, as set up in config.toml",
    )
    parser.add_argument("--profile", metavar="NAME", default=None, help="which organization, as set up in config.toml")
    parser.add_argument("--version", "-V", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)

    demo = commands.add_parser("demo", help="browse a practice organization, no account needed")
    _organization_options(demo)
    demo.add_argument("--reset", action="store_true", help="begin again: forget the demo's moves and notes")

    init = commands.add_parser("init", parents=[profile], help="set up your organization")
    init.add_argument("--org-id", metavar="ID", help="as in admin.atlassian.com/o/ID/…")
    init.add_argument("--key-command", metavar="COMMAND", help="prints the API key, such as: op read op://…")
    init.add_argument("--admin-email", metavar="A,B", help="never moved: your address, break-glass accounts")

    check = commands.add_parser("check", parents=[profile], help="what this key can do, and what would help")
    check.add_argument("--json", action="store_true", help="as JSON")

    pull = commands.add_parser("pull", parents=[profile], help="copy the organization into the local snapshot")
    pull.add_argument("--json", action="store_true", help="progress and summary as JSON lines")
    pull.add_argument("--no-events", action="store_true", help="leave audit events out (the default)")

    rows = commands.add_parser("list", parents=[profile], help="print the rows a pane would show")
    rows.add_argument("pane", choices=("tokens", "users", "policies", "changes"))
    rows.add_argument("filter", nargs="*", default=[], metavar="FILTER", help="such as: idle:>90d policy:default")
    rows.add_argument("--sort", default="", metavar="F,-F", help="columns to sort by, - for descending")
    rows.add_argument("--columns", default="", metavar="C,C", help="columns to print")
    rows.add_argument("--format", choices=FORMATS, default="table")
    rows.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the terminal")

    sandbox = commands.add_parser("sandbox", help="serve the practice organization on 127.0.0.1")
    sandbox.add_argument("--port", type=_port, default=0, metavar="N", help="0, the default, takes a free one")
    _organization_options(sandbox)
    sandbox.add_argument("--fault", action="append", default=[], metavar="NAME", help="do this wrong; may be repeated")
    sandbox.add_argument("--state", metavar="FILE", help="keep moves and revocations in FILE")
    sandbox.add_argument("--json", action="store_true", help="print address, organization id and keys as JSON")
    sandbox.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input is closed")
    return parser


def _organization_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=_amount, metavar="N", help="how many users (default 1,204)")
    parser.add_argument("--tokens", type=_amount, metavar="N", help="how many tokens (default 82)")
    parser.add_argument("--seed", type=int, metavar="S", help="another organization of the same kind")
    parser.add_argument("--clock", type=_clock, metavar="DATE", help="let it be that day there")


def _amount(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1_000_000:
        raise ValueError(text)
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def _clock(text: str) -> str:
    from datetime import datetime

    datetime.fromisoformat(text)
    return text


_amount.__name__, _port.__name__, _clock.__name__ = "number", "port", "date"

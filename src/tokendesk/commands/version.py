"""`tokendesk version`: this program's version, and what it runs on, for a bug report."""

import argparse
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from tokendesk import __version__
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.stdout import standard_output

if TYPE_CHECKING:
    from tokendesk.documents.facts import VersionDocument

_LIBRARIES = ("textual", "httpx", "msgspec")


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print the version, and what it runs on. Only the version: tokendesk --version"
    json_option(parser)


def run(options: argparse.Namespace) -> int:
    found: VersionDocument = {
        "document": "version",
        "version": 1,
        "tokendesk": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "platform": platform.platform(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }
    if options.json:
        print_json(found)
        return 0
    out = standard_output()
    print(f"tokendesk {found['tokendesk']}", file=out)
    print(f"Python {found['python']}, SQLite {found['sqlite']}, {found['platform']}", file=out)
    print(", ".join(f"{name} {number}" for name, number in found["libraries"].items()), file=out)
    return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"

"""`tokendesk version`: this program's version, and what it runs on, for a bug report."""

import argparse
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from tokendesk import __version__

_PARTS = ("textual", "httpx", "msgspec")


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print the version, and what it runs on. Only the version: tokendesk --version"


def run(_: argparse.Namespace) -> int:
    print(f"tokendesk {__version__}")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}")
    print(", ".join(f"{name} {_version(name)}" for name in _PARTS))
    return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"

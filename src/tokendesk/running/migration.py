"""Files of an earlier version: brought to the present format before they are read, since reading writes nothing."""

from collections.abc import Callable
from typing import TypeVar

from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.views.connection import OlderFormat
from tokendesk.views.reader import Reader

Answer = TypeVar("Answer")


def open_reader(paths: ProfilePaths, thresholds: Thresholds, *, lenient: bool = False) -> Reader:
    return in_present_format(paths, lambda: Reader(paths, thresholds, lenient=lenient))


def in_present_format(paths: ProfilePaths, read: Callable[[], Answer]) -> Answer:
    """Return what `read` finds in the files of `paths`, which it may need to be migrated."""
    try:
        return read()
    except OlderFormat:
        _migrate(paths)
        return read()


def _migrate(paths: ProfilePaths) -> None:
    from tokendesk.desk.entries import Desk
    from tokendesk.history.writing import open_history

    # Opening a file for writing migrates it.
    if paths.desk.exists():
        Desk(paths.desk).close()
    if paths.history.exists():
        with open_history(paths.history):
            pass

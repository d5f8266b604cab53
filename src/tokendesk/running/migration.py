"""Files of an earlier version: brought to the present format before they are read, since reading writes nothing."""

from collections.abc import Callable
from typing import TypeVar

from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.views.connection import OlderFormat
from tokendesk.views.reader import Reader

Answer = TypeVar("Answer")


def open_reader(places: ProfilePaths, thresholds: Thresholds, *, lenient: bool = False) -> Reader:
    return in_present_format(places, lambda: Reader(places, thresholds, lenient=lenient))


def in_present_format(places: ProfilePaths, read: Callable[[], Answer]) -> Answer:
    """Return what `read` finds in the files of `places`, which it may need to be migrated."""
    try:
        return read()
    except OlderFormat:
        _migrate(places)
        return read()


def _migrate(places: ProfilePaths) -> None:
    from tokendesk.desk.entries import Desk
    from tokendesk.history.writing import open_history

    # Opening a file for writing migrates it.
    if places.desk.exists():
        Desk(places.desk).close()
    if places.history.exists():
        with open_history(places.history):
            pass

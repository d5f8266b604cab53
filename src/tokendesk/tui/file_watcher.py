"""Noticing that another process pulled or wrote while the screens are open."""

from enum import Enum
from pathlib import Path

from tokendesk.tui.context import AppContext

SECONDS = 2.0


class Change(Enum):
    NONE = 0
    DESK = 1
    SNAPSHOT = 2


class FileWatcher:
    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self.acknowledge()

    def acknowledge(self) -> None:
        """What the files are now is what is on screen."""
        self._snapshot = _signature(self._ctx.settings.places.snapshot)
        self._desk = self._desk_version()

    def check(self) -> Change:
        signature, desk = _signature(self._ctx.settings.places.snapshot), self._desk_version()
        if signature is not None and signature != self._snapshot:
            return Change.SNAPSHOT
        if desk != self._desk:
            self._desk = desk
            return Change.DESK
        return Change.NONE

    def _desk_version(self) -> int:
        return int(self._ctx.store.ui_reader.db.execute("PRAGMA desk.data_version").fetchone()[0])


def _signature(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one file from the one that took its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size

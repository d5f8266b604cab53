"""Notices what other processes pulled or wrote, and shows it."""

import sqlite3
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tokendesk.errors import TokendeskError
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Refresh

if TYPE_CHECKING:
    from tokendesk.tui.screens.main import MainScreen

SECONDS = 2.0

Signature: TypeAlias = tuple[int, int, int]


class Change(Enum):
    NONE = 0
    DESK = 1
    SNAPSHOT = 2


class FileWatcher:
    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self._snapshot = self.signature()
        self._desk = self._desk_version()

    def signature(self) -> Signature | None:
        """Return what tells the present snapshot from a later one; take it before the file is opened."""
        return _signature(self._ctx.settings.paths.snapshot)

    def acknowledge_snapshot(self, opened: Signature | None) -> None:
        """Remember `opened` as the snapshot on screen: one that replaced it meanwhile is still to be shown."""
        self._snapshot = opened

    def acknowledge_desk(self) -> None:
        """Remember the present entries of the desk as those on screen."""
        self._desk = self._desk_version()

    def check(self) -> Change:
        signature, desk = self.signature(), self._desk_version()
        if signature is not None and signature != self._snapshot:
            return Change.SNAPSHOT
        if desk != self._desk:
            self._desk = desk
            return Change.DESK
        return Change.NONE

    def _desk_version(self) -> int:
        return int(self._ctx.store.ui_reader.db.execute("PRAGMA desk.data_version").fetchone()[0])


async def follow_files(screen: "MainScreen") -> None:
    """Show what another process pulled or wrote, while nothing is typed and no dialog is open."""
    view = screen.view
    if screen.flows.is_pulling or view.filter_bar.is_typing or not screen.is_current:
        return
    try:
        change = view.watcher.check()
        if change is Change.SNAPSHOT:
            await view.read_again(Refresh.FILES)
            screen.notify("Reloaded: there is a new snapshot. Marks, filter and cursor were kept.")
        elif change is Change.DESK:
            await view.read_again(Refresh.DESK)
    except (TokendeskError, sqlite3.Error) as error:
        view.status.say(f"The files cannot be read: {error}", wrong=True)


def _signature(path: Path) -> Signature | None:
    """Return what changes when the file is replaced; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size

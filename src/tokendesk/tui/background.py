"""Runs a screen's background work; the newest of a group replaces the previous one."""

import sqlite3
from collections.abc import Callable, Coroutine

from textual.worker import Worker

from tokendesk.errors import TokendeskError
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.store import SnapshotReplaced


class Background:
    """`say_error` shows why work failed."""

    def __init__(self, screen: PageScreen[None], say_error: Callable[[str], None]) -> None:
        self._screen = screen
        self._say_error = say_error

    def begin(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Start `work` and cancel what runs in its group."""

        async def guarded() -> None:
            try:
                await work()
            except SnapshotReplaced:
                return  # the work is done again when the files are reopened
            except (TokendeskError, sqlite3.Error) as error:
                self._say_error(f"The files cannot be read: {error}")

        if not self._screen.is_leaving:
            _: Worker[None] = self._screen.run_worker(guarded, group=group, exclusive=True)

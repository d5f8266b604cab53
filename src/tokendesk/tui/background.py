"""Work of a screen that goes on beside all else; in each group the newest takes the place of the one before."""

import sqlite3
from collections.abc import Callable, Coroutine

from textual.worker import Worker

from tokendesk.errors import TokendeskError
from tokendesk.tui.leaving import Screen


class Background:
    """`say_error` shows why the work of a group could not be done."""

    def __init__(self, screen: Screen[None], say_error: Callable[[str], None]) -> None:
        self._screen = screen
        self._say_error = say_error

    def begin(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Do `work`; what was begun before in its group is given up."""

        async def guarded() -> None:
            try:
                await work()
            except (TokendeskError, sqlite3.Error) as error:
                self._say_error(f"The files cannot be read: {error}")

        if not self._screen.is_leaving:
            _: Worker[None] = self._screen.run_worker(guarded, group=group, exclusive=True)

"""Questions to the snapshot and the desk, away from the event loop; the newest question wins."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tokendesk.model.findings import Thresholds
from tokendesk.paths import Places
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

Answer = TypeVar("Answer")


class Reading:
    """Two connections to the same files: `near` for the few rows a frame needs, another in a thread of its own."""

    def __init__(self, places: Places, limits: Thresholds) -> None:
        self.near = Reader(places, limits)
        self._far = Reader(places, limits)
        self._thread = ThreadPoolExecutor(1, "reader")
        self._newest = 0
        self._busy = False

    def close(self) -> None:
        self._far.interrupt()
        self._thread.shutdown(cancel_futures=True)
        self._far.close()
        self.near.close()

    async def ids(self, query: Query, now: int) -> Sequence[int] | None:
        """Return the rows of `query`; None where a newer question came before the answer."""
        self._newest += 1
        mine = self._newest
        if self._busy:
            self._far.interrupt()
        try:
            found = await self._ask(lambda reader: reader.ids(query, now) if mine == self._newest else None)
        except sqlite3.OperationalError:
            if mine == self._newest:
                raise
            return None
        return found if mine == self._newest else None

    async def ask(self, question: Callable[[Reader], Answer]) -> Answer:
        return await self._ask(question)

    async def _ask(self, question: Callable[[Reader], Answer]) -> Answer:
        def answer() -> Answer:
            self._busy = True
            try:
                return question(self._far)
            finally:
                self._busy = False

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)

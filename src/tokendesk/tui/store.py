"""Reads snapshot and desk in background threads; the newest query wins."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tokendesk.errors import TokendeskError
from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.running.migration import open_reader
from tokendesk.tui.rows import fetch_cells
from tokendesk.tui.widgets.row_strips import RowCells
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Answer = TypeVar("Answer")


_ENDED = (asyncio.CancelledError, sqlite3.OperationalError, sqlite3.ProgrammingError)
"""The errors of a query whose thread is closed."""


class SnapshotReplaced(TokendeskError):
    """A connection was opened to another snapshot than the one on screen, where its row ids mean other records; or the
    files were closed meanwhile, because the program is being left.
    """

    def __init__(self) -> None:
        super().__init__("The snapshot was replaced by a newer one, which is being opened. Try again.")


def _is_cancelled() -> bool:
    """Return whether the calling task itself was cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Page(NamedTuple):
    """The first ids of a query with their rows; `complete` says whether these are all."""

    ids: Sequence[int]
    complete: bool
    lines: Mapping[int, RowCells]


class ReaderThread:
    """A thread with its own connection, opened at first use to the snapshot with this pull id."""

    def __init__(
        self, name: str, open_reader: Callable[[], Reader], pull_id: str | None, marks: Mapping[str, Sequence[str]]
    ) -> None:
        """`marks`: the marked records of each pane."""
        self._open = open_reader
        self._pull_id = pull_id
        self._reader: Reader | None = None
        self._name = name
        self._thread: ThreadPoolExecutor | None = None
        self._marks = dict(marks)
        """Those that the connection does not know yet."""
        self._busy = False
        self._is_closed = False

    def tell_marks(self, pane: str, records: Sequence[str]) -> None:
        """Let `is:marked` mean these records, from the next question on."""
        self._marks[pane] = records

    async def ask(self, question: Callable[[Reader], Answer]) -> Answer:
        if self._is_closed:
            raise sqlite3.ProgrammingError("the files are closed")
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, self._name)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    def _answer(self, question: Callable[[Reader], Answer]) -> Answer:
        if self._reader is None:
            reader = self._open()
            if _pull_id(reader) != self._pull_id:
                reader.close()
                raise SnapshotReplaced
            self._reader = reader
        while self._marks:
            self._reader.marked(*self._marks.popitem())
        self._busy = True
        try:
            return question(self._reader)
        finally:
            self._busy = False

    def interrupt(self) -> None:
        if self._busy and self._reader is not None:
            self._reader.interrupt()

    def close(self) -> None:
        self._is_closed = True
        self.interrupt()
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        if self._reader is not None:
            self._reader.close()


def _pull_id(reader: Reader) -> str | None:
    return reader.info.pull_id if reader.info is not None else None


def _close_opened(opening: "asyncio.Future[Reader]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class SnapshotStore:
    """Three connections to the same files: `ui_reader` for the few rows that a frame needs, by key; one for the rows of
    the newest query, which a newer one interrupts; one for everything that may come later, such as counts.
    """

    def __init__(self, paths: ProfilePaths, thresholds: Thresholds, ui_reader: Reader | None = None) -> None:
        """`ui_reader`: a connection that is already open."""
        self._paths = paths
        self._thresholds = thresholds
        self.ui_reader = ui_reader or self._open_reader()
        self._marks: dict[str, Sequence[str]] = {}
        self.queries, self.others = self._threads()
        self.on_replaced: Callable[[], None] = lambda: None
        """Called when a query found that the snapshot was replaced; it should `reopen` and ask again."""
        self._newest = 0
        self._is_closed = False
        self.generation = 0
        """How often the files were opened again: row ids of an earlier generation mean nothing now."""

    def _open_reader(self) -> Reader:
        return open_reader(self._paths, self._thresholds, lenient=True)

    def _threads(self) -> tuple[ReaderThread, ReaderThread]:
        reader = self.ui_reader
        same = partial(open_reader, reader.paths, self._thresholds, lenient=True)
        pull_id, marks = _pull_id(reader), self._marks
        return ReaderThread("queries", same, pull_id, marks), ReaderThread("others", same, pull_id, marks)

    def close(self) -> None:
        self._is_closed = True
        self.queries.close()
        self.others.close()
        self.ui_reader.close()

    async def reopen(self) -> None:
        """Reopen the files, after the snapshot was replaced or the desk created."""
        opening = asyncio.get_running_loop().run_in_executor(None, self._open_reader)
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:  # the thread opens them all the same
            opening.add_done_callback(_close_opened)
            raise
        ui_reader, queries, others = self.ui_reader, self.queries, self.others
        self.generation += 1
        self.ui_reader = opened
        self.queries, self.others = self._threads()
        ui_reader.close()

        def close_threads() -> None:
            # A running query has to end first.
            queries.close()
            others.close()

        await asyncio.shield(asyncio.to_thread(close_threads))

    async def first(self, query: Query, now: int, most: int, columns: Sequence[PaneColumn] = ()) -> Page | None:
        """Return the first `most` rows of `query`, or None if a newer query replaced it."""
        self._newest += 1
        self.queries.interrupt()

        def page(reader: Reader) -> Page:
            found = reader.first(query, now, most)
            pane = reader.panes[query.pane]
            lines = fetch_cells(reader, pane, columns or pane.default_columns, found.ids[:most], now)
            return Page(found.ids, found.complete, lines)

        return await self._ask_newest(page)

    async def count(self, query: Query, now: int) -> int | None:
        """Return the number of rows of the newest query; None if a newer one replaced it."""
        return await self._ask_newest(lambda reader: reader.count_found(query, now))

    async def ids(self, query: Query, now: int) -> Sequence[int] | None:
        """Return all ids of the newest query; None if a newer one replaced it."""
        return await self._ask_newest(lambda reader: reader.ids(query, now))

    async def newest(self, question: Callable[[Reader], Answer]) -> Answer | None:
        """Ask in place of the newest query, which a newer one interrupts; None if one did."""
        self._newest += 1
        self.queries.interrupt()
        return await self._ask_newest(question)

    async def _ask_newest(self, question: Callable[[Reader], Answer]) -> Answer | None:
        mine, thread = self._newest, self.queries

        def answer(reader: Reader) -> Answer | None:
            return question(reader) if mine == self._newest else None

        try:
            found = self._if_open(await thread.ask(answer))
        except SnapshotReplaced:
            if self._is_closed:
                raise
            if thread is self.queries:
                self.on_replaced()
                raise
            found = None
        except _ENDED:
            if _is_cancelled() or (mine == self._newest and thread is self.queries):
                raise
            found = None  # a newer query, or the reopened files, are queried separately
        return found if mine == self._newest and thread is self.queries else None

    def _if_open(self, answer: Answer) -> Answer:
        if self._is_closed:
            raise SnapshotReplaced
        return answer

    async def query(self, question: Callable[[Reader], Answer]) -> Answer:
        """Run a query on the background reader; repeat it if the files are reopened meanwhile."""
        while True:
            thread = self.others
            try:
                return self._if_open(await thread.ask(question))
            except SnapshotReplaced:
                if self._is_closed:
                    raise
                if thread is self.others:
                    self.on_replaced()
                    raise
            except _ENDED:
                if _is_cancelled() or thread is self.others:
                    raise

    def tell_marks(self, pane: str, records: Sequence[str]) -> None:
        """Let `is:marked` mean these records, also in files opened later."""
        self._marks[pane] = records
        self.queries.tell_marks(pane, records)
        self.others.tell_marks(pane, records)

    def set_marks(self, pane: str, records: Sequence[str]) -> set[int]:
        """Let `is:marked` mean these records; return their row ids."""
        self.tell_marks(pane, records)
        return self.ui_reader.rows_of(pane, records) if records else set()

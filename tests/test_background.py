"""Work in the background ends when nobody waits for it, or is left behind."""

import asyncio
import sqlite3
from contextlib import closing
from threading import Event

import pytest

from tokendesk import background
from tokendesk.background import in_background, to_its_end
from tokendesk.sqlite_limits import LimitedConnection
from tokendesk.stopping import Stopped, check_stopped

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


async def test_the_answer_and_the_error_of_the_work_arrive() -> None:
    assert await in_background(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_background(divmod, 7, 0)


async def test_a_loop_and_a_query_end_when_nobody_waits_for_them() -> None:
    ended = list[str]()

    def loop(begun: Event) -> None:
        begun.set()
        try:
            while True:
                check_stopped()
        except Stopped:
            ended.append("loop")

    def query(begun: Event) -> None:
        with closing(sqlite3.connect(":memory:", factory=LimitedConnection)) as db:
            begun.set()
            try:
                db.execute(ENDLESS)
            except sqlite3.OperationalError as error:
                assert isinstance(db.replacement_error(error), Stopped)
                ended.append("query")

    for work in (loop, query):
        begun = Event()
        waiting = asyncio.ensure_future(in_background(work, begun))
        await asyncio.to_thread(begun.wait)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert ended == ["loop", "query"]


def test_work_that_does_not_notice_keeps_no_program_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0)
    begun, left = Event(), Event()

    def work() -> bool:
        begun.set()
        return left.wait()

    async def main() -> None:
        waiting = asyncio.ensure_future(in_background(work))
        await asyncio.to_thread(begun.wait)
        waiting.cancel()

    asyncio.run(main())  # would not return before the work
    left.set()


async def test_a_connection_is_not_closed_under_the_work_that_uses_it() -> None:
    begun, may_end, ended = Event(), Event(), list[str]()

    def work() -> None:
        begun.set()
        may_end.wait()
        ended.append("work")

    async def caller() -> None:
        try:
            await to_its_end(work)
        finally:
            ended.append("caller")

    waiting = asyncio.ensure_future(caller())
    await asyncio.to_thread(begun.wait)
    for _ in range(2):  # ctrl+c may be pressed twice
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended == ["work", "caller"]
    assert await to_its_end(divmod, 7, 2) == (3, 1)

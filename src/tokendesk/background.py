"""Runs slow work in a thread that ends early, or is left behind, when nobody waits for it any more.

`asyncio.to_thread` is for short work only: at its end, `asyncio.run` waits for such threads, however long they take.
Work with a connection that its caller closes is to run `to_its_end`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread
from typing import TypeVar

from tokendesk.stopping import is_asked_to_stop

Answer = TypeVar("Answer")

PATIENCE = 1.0
"""Seconds for work to end after it was asked to."""


async def in_background(work: Callable[..., Answer], *arguments: object) -> Answer:
    """Run `work` in a thread of its own.

    On cancellation it is asked to stop, which it notices at `check_stopped` and in queries of a LimitedConnection, and
    has PATIENCE to do so. After that it is left behind: the end of the program ends it like a killed process. So it
    should use files and connections of its own, and be safe from being killed.
    """
    asked = Event()
    context = copy_context()
    context.run(is_asked_to_stop.set, asked.is_set)
    done: Future[Answer] = Future()

    def run() -> None:
        try:
            done.set_result(context.run(work, *arguments))
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="background work", daemon=True).start()
    waiting = asyncio.wrap_future(done)
    waiting.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # so that none counts as unseen
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        asked.set()
        await asyncio.wait([waiting], timeout=PATIENCE)
        raise


async def to_its_end(work: Callable[..., Answer], *arguments: object) -> Answer:
    """Run short `work` in a thread, and wait for its end even when cancelled.

    Otherwise the caller would close a connection that the thread still uses, which can crash the whole process.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        raise

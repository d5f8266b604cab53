"""Leaving the program: no file stays open where opening the files again is cancelled, and none is read once closed."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.practice import NOW
from tests.tui.idle import Gate
from tokendesk.config import Settings
from tokendesk.tui.store import SnapshotReplaced, SnapshotStore
from tokendesk.views.query import Query

reads_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def open_files(settings: Settings) -> list[Path]:
    targets = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            targets.append(link.readlink())
    return [target for target in targets if target == settings.paths.snapshot]


async def is_holding(gate: Gate) -> None:
    while not gate.is_holding:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0)


async def cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@reads_proc
async def test_cancelled_while_the_files_are_opened(small: Settings) -> None:
    store = SnapshotStore(small.paths, small.thresholds)
    reopening = asyncio.create_task(store.reopen())
    await asyncio.sleep(0)
    await cancel(reopening)
    await asyncio.get_running_loop().shutdown_default_executor()
    await asyncio.sleep(0)
    store.close()
    assert open_files(small) == []


@reads_proc
async def test_cancelled_while_a_query_keeps_the_old_files_open(small: Settings, gate: Gate) -> None:
    store = SnapshotStore(small.paths, small.thresholds)
    await store.first(Query("tokens"), int(NOW.timestamp()), 5)
    await store.query(lambda reader: reader.info)
    held = asyncio.create_task(store.queries.ask(lambda _: gate.hold()))
    await is_holding(gate)
    reopening = asyncio.create_task(store.reopen())
    while store.generation == 0:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0)
    await cancel(reopening)
    gate.open()
    await asyncio.gather(held, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    store.close()
    assert open_files(small) == []


async def test_an_answer_that_comes_after_the_files_were_closed_is_not_shown(small: Settings, gate: Gate) -> None:
    store = SnapshotStore(small.paths, small.thresholds)
    asked = asyncio.create_task(store.query(lambda _: gate.hold()))
    await is_holding(gate)
    gate.open()
    store.close()  # it waits for the thread; the event loop has not heard of the answer
    with pytest.raises(SnapshotReplaced):
        await asked

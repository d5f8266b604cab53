"""Keys typed behind a filter never act on the rows of the filter before, however long its rows take."""

import asyncio

import pytest
from textual import events

from tests.tui.bursts import send_chunk
from tests.tui.driver import app_on, main, marked, opened, said, wait_until
from tests.tui.idle import Gate, until_settled
from tokendesk.config import Settings
from tokendesk.tui import key_gate


async def test_escape_drops_the_keys_that_wait_for_rows(small: Settings, gate: Gate) -> None:
    async with opened(app_on(small)) as pilot:
        holding = asyncio.create_task(main(pilot).ctx.store.queries.ask(lambda _: gate.hold()))
        await wait_until(pilot, lambda: gate.is_holding)
        send_chunk(pilot.app, "/", *"used:never", "enter", "*")
        pilot.app.post_message(events.Key("escape", None))
        await wait_until(pilot, lambda: "1 key was dropped" in said(pilot))
        gate.open()
        await holding
        await until_settled(pilot.app)
        assert not marked(pilot, "tokens")


async def test_keys_that_wait_too_long_for_rows_are_dropped_and_the_next_ones_mark_nothing(
    small: Settings, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_gate, "LONGEST_HOLD", 0.01)
    async with opened(app_on(small)) as pilot:
        holding = asyncio.create_task(main(pilot).ctx.store.queries.ask(lambda _: gate.hold()))
        await wait_until(pilot, lambda: gate.is_holding)
        send_chunk(pilot.app, "/", *"used:never", "enter", "*")
        await wait_until(pilot, lambda: "1 key was dropped" in said(pilot))
        send_chunk(pilot.app, "*")
        await wait_until(pilot, lambda: "not shown yet" in said(pilot))
        send_chunk(pilot.app, "j")
        await wait_until(pilot, lambda: main(pilot).rows.cursor == 1)
        assert main(pilot).view.selection().record is None
        assert not marked(pilot, "tokens")
        gate.open()
        await holding
        await until_settled(pilot.app)
        assert main(pilot).view.selection().record

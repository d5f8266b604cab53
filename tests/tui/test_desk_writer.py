"""The writes of a session are undone one after the other, however fast the keys come."""

import asyncio

from tests.practice import NOW
from tests.tui.driver import app_on, main, notes, opened, said, wait_until
from tokendesk.config import Settings
from tokendesk.tui.desk_writer import DeskWriter


async def test_two_undos_at_a_time_take_one_note_back_and_find_nothing_more(settings: Settings) -> None:
    writer = DeskWriter(settings, NOW.timestamp)
    await writer.note("token", ["a-token"], {"purpose": "backups"}, "the note")
    undone = await asyncio.gather(writer.undo(), writer.undo())
    assert [change.words if change else None for change in undone] == ["the note", None]
    assert writer.last == ""


async def test_u_held_down_takes_all_back_and_says_that_nothing_is_left(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        desk = main(pilot).ctx.desk
        await desk.note("token", ["a-token"], {"purpose": "backups"}, "the first")
        await desk.note("token", ["a-token"], {"purpose": "copies"}, "the second")
        await pilot.press("u", "u", "u")
        await wait_until(pilot, lambda: "Nothing to undo in this session" in said(pilot))
        assert "Undone: the second. u again undoes the first." in said(pilot)
        assert notes(settings) == []

"""Keys in one burst: none goes to a screen that is not ready, or was closed."""

import asyncio

import pytest
from textual import events
from textual.widgets import OptionList

from tests.tui.driver import app_on, main, opened, wait_until
from tests.tui.idle import until_idle
from tokendesk.config import Settings
from tokendesk.tui.command_palette import Palette


def send(key: str) -> events.Key:
    return events.Key(key, key if len(key) == 1 else None)


async def test_two_enters_in_the_palette_choose_once_and_end_nothing(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("colon")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Palette))
        await pilot.press(*"users")
        hits = pilot.app.screen.query_one(OptionList)
        await wait_until(pilot, lambda: hits.option_count and "the users" in str(hits.get_option_at_index(0).prompt))
        for _ in range(4):
            pilot.app.post_message(send("enter"))
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot) and main(pilot).query_shown.pane == "users")


@pytest.mark.parametrize("turns", range(0, 14, 2))
async def test_steps_behind_m_wait_for_the_list_of_policies(small: Settings, turns: int) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        pilot.app.post_message(send("m"))
        for _ in range(turns):
            await asyncio.sleep(0)
        for key in ("down", "up", "down"):
            pilot.app.post_message(send(key))
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))


async def test_two_dialogs_do_not_lie_on_each_other(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        for key in ("m", "X", "E", "e"):
            pilot.app.post_message(send(key))
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await until_idle()
        assert len(pilot.app.screen_stack) == 2


async def test_the_columns_are_those_of_the_pane_though_nothing_was_drawn(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.resize_terminal(20, 6)
        await pilot.press("4", *"llllllllllllllll", "s", "h")
        assert pilot.app.is_running

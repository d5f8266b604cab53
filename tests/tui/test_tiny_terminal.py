"""A terminal that becomes too small for a moment: the keys go where they went before."""

import pytest

from tests.tui.driver import app_on, form, main, opened, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.tui.widgets.find_line import FindInput


@pytest.mark.parametrize("size", [(20, 5), (140, 5), (20, 40)])
async def test_the_list_takes_keys_again(small: Settings, size: tuple[int, int]) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.resize_terminal(*size)
        await pilot.resize_terminal(140, 40)
        await wait_until(pilot, lambda: main(pilot).focused is main(pilot).rows)
        await pilot.press("j")
        assert main(pilot).rows.cursor == 1


async def test_a_form_keeps_its_field(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("e")
        shown = await form(pilot)
        await pilot.press("tab", "tab")
        field = shown.focused
        assert field is not None
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(140, 40)
        await wait_until(pilot, lambda: shown.focused is field)


@pytest.mark.parametrize("size", [(20, 5), (140, 5), (20, 40)])
async def test_the_line_to_find_a_text_goes_on(small: Settings, size: tuple[int, int]) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("ctrl+f", *"acc")
        await pilot.resize_terminal(*size)
        await pilot.resize_terminal(140, 40)
        await wait_until(pilot, lambda: isinstance(main(pilot).focused, FindInput))
        await pilot.press(*"ount")
        await wait_until(pilot, lambda: "find account" in text_of(pilot, "#details"))
        await pilot.press("escape")
        await wait_until(pilot, lambda: main(pilot).focused is main(pilot).rows)

"""The help page."""

import pytest
from textual.widgets import Static

from tests.tui.driver import app_on, opened, wait_until
from tokendesk.config import Settings
from tokendesk.tui.screens.help import HelpScreen


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_each_line_of_the_help_fits_so_that_nothing_wraps_at_the_margin(
    small: Settings, size: tuple[int, int]
) -> None:
    async with opened(app_on(small), size) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        text = pilot.app.screen.query_one("#help-text", Static)
        await wait_until(pilot, lambda: "FILTER" in str(text.content))
        lines = str(text.content).splitlines()
        assert [line for line in lines if len(line.rstrip()) > text.content_size.width] == []
        assert text.content_size.height == len(lines)

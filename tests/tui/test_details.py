"""The pages of the details."""

from tests.tui.driver import app_on, main, opened, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.tui.widgets.details import DetailsPane


async def test_pages_turn_by_key_and_click_and_stay_while_rows_pass(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        pane = main(pilot).query_one(DetailsPane)
        assert pane.page == "Facts"
        await pilot.press("right_square_bracket", "j", "j")
        assert pane.page == "Owner"
        await wait_until(pilot, lambda: "account id" in text_of(pilot, "#details"))
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "if stopped" in text_of(pilot, "#details"))
        await pilot.click("PageStrip", offset=(16, 0))
        assert pane.page == "History"
        await wait_until(pilot, lambda: "Uses that pulls saw" in text_of(pilot, "#details"))
        await pilot.press("slash", *"used:never", "enter")
        # A token that was never used has no history: the pane falls back, and comes back to the page it was on.
        await wait_until(pilot, lambda: pane.page == "Facts")
        await pilot.press("backspace", "g")
        await wait_until(pilot, lambda: pane.page == "History")

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


async def test_a_text_is_found_on_all_pages_and_escape_ends_the_search(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen, pane = main(pilot), main(pilot).query_one(DetailsPane)
        query, row_id = screen.query_shown, screen.rows.row_id
        await pilot.press("ctrl+f", *"ACCOUNT")
        await wait_until(pilot, lambda: "1 of 5" in text_of(pilot, "FindLine"))
        await pilot.press("enter", "down", "up")
        await wait_until(pilot, lambda: "2 of 5" in text_of(pilot, "FindLine"))
        assert pane.page == "Facts"
        await pilot.press(*" ID")
        await wait_until(pilot, lambda: "1 of 1" in text_of(pilot, "FindLine"))
        assert pane.page == "Owner"
        await pilot.press(*" +-/n")
        await wait_until(pilot, lambda: "not here" in text_of(pilot, "FindLine"))
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.rows.has_focus)
        assert not pane.found
        assert (screen.query_shown, screen.rows.row_id) == (query, row_id)


async def test_what_is_found_is_in_sight_on_a_narrow_page(small: Settings) -> None:
    async with opened(app_on(small), (80, 18)) as pilot:
        screen, pane = main(pilot), main(pilot).query_one(DetailsPane)
        await pilot.press("ctrl+f", *"token id")
        await wait_until(pilot, lambda: "token id" in text_of(pilot, "#details") and pane.scroll_offset.y > 0)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pane.has_focus)
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.rows.has_focus)

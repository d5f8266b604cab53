"""The pages of the details."""

from tests.tui.driver import app_on, main, opened, reader, text_of, wait_until
from tests.tui.idle import until_settled
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


async def test_what_is_typed_to_find_is_in_sight_although_the_scope_pane_was_open(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("b", "ctrl+f", *"token id")
        await wait_until(pilot, lambda: "find token id" in text_of(pilot, "#details"))


async def test_what_is_found_is_in_sight_on_a_narrow_page(small: Settings) -> None:
    async with opened(app_on(small), (80, 16)) as pilot:
        screen, pane = main(pilot), main(pilot).query_one(DetailsPane)
        await pilot.press("ctrl+f", *"token id")
        await wait_until(pilot, lambda: "token id" in text_of(pilot, "#details") and pane.scroll_offset.y > 0)
        await pilot.press(*["backspace"] * 8, *"account id")
        await wait_until(pilot, lambda: pane.page == "Owner" and "account id" in text_of(pilot, "#details"))
        await pilot.press("escape")
        await wait_until(pilot, lambda: pane.has_focus)
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.rows.has_focus)


async def test_a_fact_leads_to_its_rows_by_key_and_click_and_minus_leads_back(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen, pane = main(pilot), main(pilot).query_one(DetailsPane)
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: pane.has_focus)
        start, row_id = screen.query_shown, screen.rows.row_id
        record = reader(pilot).row("tokens", row_id or 0, screen.ctx.now())
        assert record
        await pilot.press("enter", "enter")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 1)
        assert screen.query_shown.pane == "users"
        assert screen.query_shown.scopes[0].title == record["owner"]
        await pilot.press("minus")
        await wait_until(pilot, lambda: screen.rows.row_id == row_id and screen.query_shown == start)
        await until_settled(pilot.app)
        lines = text_of(pilot, "#details").splitlines()
        at = next(number for number, line in enumerate(lines) if "decision" in line)
        await pilot.click("#details", offset=(4, at))
        await wait_until(pilot, lambda: screen.query_shown.filter == "decision:undecided" and screen.rows.has_focus)
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.rows.row_id == row_id and screen.query_shown == start)


async def test_a_fact_leads_away_from_a_narrow_page_with_remapped_keys(small: Settings) -> None:
    keys = {"row.open": "ctrl+n", "list.down": "ctrl+t"}
    async with opened(app_on(small._replace(keys=keys)), (80, 18)) as pilot:
        screen, pane = main(pilot), main(pilot).query_one(DetailsPane)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: pane.has_focus and "owner" in text_of(pilot, "#details"))
        await pilot.press("ctrl+t", "ctrl+t", "ctrl+t", "ctrl+n")
        await wait_until(pilot, lambda: screen.query_shown.pane == "users" and screen.rows.has_focus)
        assert screen.query_shown.scopes[0].filter.startswith("policy.id:")
        assert text_of(pilot, "#list").strip()

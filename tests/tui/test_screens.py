"""Properties of every screen."""

import pytest

from tests.tui.driver import Pulled, app_on, main, notices, opened, palette, reviewed, text_of, wait_until


async def test_o_says_that_the_practice_organization_has_no_console(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("o")
        await wait_until(pilot, lambda: any("has no console" in n.message for n in notices(pilot)))
        assert pilot.app.is_running


async def test_the_palette_takes_a_filter_a_pane_with_a_filter_and_the_letter_of_a_key(
    pulled: Pulled,
) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await palette(pilot, ":filter used:never")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 9)
        await palette(pilot, "pol contr")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "policies" and len(main(pilot).rows.ids) == 1)
        assert "Contractors" in text_of(pilot)
        await palette(pilot, "q")
        await wait_until(pilot, lambda: not pilot.app.is_running)


async def test_a_review_on_a_terminal_that_is_too_small_says_so(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await reviewed(pilot, "m", *"contr", "enter")
        await pilot.resize_terminal(20, 5)
        await wait_until(pilot, lambda: "too small" in " ".join(text_of(pilot, "#too-small").split()))


@pytest.mark.parametrize("keys", [("t",), ("3", "c"), ("e",), ("question_mark",), ("colon",)])
async def test_on_a_terminal_that_is_too_small_every_screen_says_that_and_nothing_else(
    pulled: Pulled, keys: tuple[str, ...]
) -> None:
    async with opened(app_on(pulled[0]), (20, 5)) as pilot:
        await pilot.press(*keys)
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.pause()
        lines = [line.text for line in pilot.app.screen._compositor.render_strips()]
        words = " ".join(" ".join(lines).split())
        assert words == "This terminal is too small: it has 20 x 5 cells, tokendesk needs 80 x 24."

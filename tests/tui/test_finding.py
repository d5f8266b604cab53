"""Finding rows: chips, completion, columns, the mouse, and distant rows."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from tests.practice import organization, practice, pull_quietly, settings_in
from tests.tui.driver import Pulled, app_on, main, marked, opened, reader, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.tui.widgets.lines import TitleLine


@pytest.fixture
def settings(pulled: Pulled) -> Settings:
    return pulled[0]


async def typed(pilot: Pilot[int], text: str) -> None:
    """Have `text` for a filter, and the focus on the rows."""
    main(pilot).set_filter(text)
    await wait_until(pilot, lambda: main(pilot).query_shown.filter == text)


async def test_a_click_on_a_chip_drops_that_condition_and_no_other(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await typed(pilot, "idle:>90d policy:default -svc")
        await wait_until(pilot, lambda: text_of(pilot, "#title").count("×") == 3)
        at = text_of(pilot, "#title").index("policy:default")
        await pilot.click(TitleLine, offset=(at + 2, 0))
        await wait_until(pilot, lambda: main(pilot).query_shown.filter == "idle:>90d -svc")


async def test_x_drops_a_condition_by_its_number(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await typed(pilot, "idle:>90d policy:default -svc")
        await pilot.press("x")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press("1")
        await wait_until(pilot, lambda: main(pilot).query_shown.filter == "policy:default -svc")


async def test_an_offer_says_how_many_rows_have_a_value_and_leaves_the_list_where_it_is(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        before = main(pilot).rows.region
        await pilot.press("slash", *"status:")
        await wait_until(pilot, lambda: re.search(r"allowed [0-9]+ ", text_of(pilot, "#keys")))
        assert main(pilot).rows.region == before
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Quit" in text_of(pilot, "#keys"))


async def test_rows_stay_while_a_value_is_half_typed(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("slash", *"status:")
        await until_settled(pilot.app)
        before = main(pilot).rows.ids
        await pilot.press(*"bloc")
        await until_settled(pilot.app)
        assert before
        assert main(pilot).rows.ids == before
        await pilot.press(*"ked")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 82)


async def test_a_click_chooses_a_row_and_a_click_on_a_title_sorts(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        rows = main(pilot).rows
        await pilot.click("#list", offset=(6, 5))
        assert rows.cursor == 3
        header = text_of(pilot).splitlines()[1]
        await pilot.click("#list", offset=(header.index("Label") + 1, 1))
        await wait_until(pilot, lambda: main(pilot).query_shown.sort == ("label",))
        row_id = rows.row_id
        await pilot.click("#list", offset=(header.index("Label") + 1, 1))
        await wait_until(pilot, lambda: main(pilot).query_shown.sort == ("-label",))
        await wait_until(pilot, lambda: rows.row_id == row_id)  # the cursor stays on its row


async def test_every_row_is_as_wide_as_the_list_whatever_stands_in_it(settings: Settings) -> None:
    async with opened(app_on(settings), (140, 100)) as pilot:
        rows = main(pilot).rows
        width = rows.scrollable_content_region.width
        strips = [rows.render_line(y) for y in range(83)]
        assert {strip.cell_length for strip in strips} == {width}
        assert {cell_len(strip.text) for strip in strips} == {width}


async def test_the_last_of_many_rows_is_reached_and_its_text_is_there(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(2_000, 40)) as access:
        await pull_quietly(settings, access)
    async with opened(app_on(settings)) as pilot:
        rows = main(pilot).rows
        await pilot.press("2")
        await wait_until(pilot, lambda: len(rows.ids) == 2_000)
        await pilot.press("slash", "a", "enter", "G")
        await wait_until(pilot, lambda: rows.cursor == len(rows.ids) - 1 > 100)
        row = reader(pilot).row("users", rows.row_id or 0, 0)
        assert row is not None
        await wait_until(pilot, lambda: row["name"][:10] in text_of(pilot))
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: len(marked(pilot, "users")) == len(rows.ids))


async def test_the_wheel_scrolls_the_list_and_a_click_takes_its_row(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        rows = main(pilot).rows
        first = rows.row_id
        for _ in range(5):
            wheel = events.MouseScrollDown(rows, 5, 5, 0, 1, 0, shift=False, meta=False, ctrl=False)
            rows.post_message(wheel)
        await wait_until(pilot, lambda: rows.scroll_offset.y > 0 and rows.scroll_offset.y == rows.scroll_target_y)
        assert rows.row_id == first  # the wheel looks, it does not choose
        top = int(rows.scroll_offset.y)
        await pilot.click(rows, offset=(10, 6))  # the frame, the header, then rows
        await wait_until(pilot, lambda: rows.row_id == rows.ids[top + 4])


async def test_enter_shows_the_rows_of_what_was_typed_though_it_could_have_become_a_name(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        # `po` finds rows, `pol` none; but it may become `policy:`, so the rows of `po` stay while it is typed.
        await pilot.press("slash", "p", "o")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 82)
        await pilot.press("l")
        await wait_until(pilot, lambda: "nothing matches yet" in text_of(pilot, "#filter-state"))
        assert main(pilot).rows.ids
        await pilot.press("enter")
        await wait_until(pilot, lambda: not main(pilot).rows.ids)
        assert "Nothing matches" in text_of(pilot)


async def test_enter_stays_in_a_line_that_cannot_be_read_and_says_all_of_why(settings: Settings) -> None:
    async with opened(app_on(settings), (100, 30)) as pilot:
        await pilot.press("slash", *"idle:>ab", "enter")
        await wait_until(pilot, lambda: "write 90d, 2024-05-31, today or never" in text_of(pilot, "#keys"))
        assert main(pilot).focused is main(pilot).query_one("#filter")
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Quit" in text_of(pilot, "#keys"))
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 82)

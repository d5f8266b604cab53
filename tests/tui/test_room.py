"""Where list and details stand at each size; cursor and scroll stay through all of it."""

from tests.tui.driver import app_on, details_title, main, opened, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.tui.widgets.details import DetailsPane


async def test_the_details_lie_over_half_of_the_list_and_follow_its_cursor(small: Settings) -> None:
    async with opened(app_on(small), (120, 36)) as pilot:
        screen = main(pilot)
        pane, panel = screen.query_one(DetailsPane), screen.view.panels.details_panel
        assert not panel.region.width
        width = screen.rows.region.width
        await pilot.press("j", "d")
        await wait_until(pilot, lambda: panel.region.width == 60 and panel.region.right == 120)
        assert screen.rows.region.width == width
        assert screen.rows.has_focus
        await until_settled(pilot.app)
        before = details_title(pilot)
        await pilot.press("j")
        await wait_until(pilot, lambda: details_title(pilot) != before)
        await pilot.press("tab")
        await wait_until(pilot, lambda: pane.has_focus)
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.rows.has_focus and not panel.region.width)
        await pilot.press("d", "d")
        await until_settled(pilot.app)
        assert not panel.region.width


async def test_cursor_and_scroll_stay_at_every_size(settings: Settings) -> None:
    async with opened(app_on(settings), (140, 40)) as pilot:
        rows = main(pilot).rows
        await pilot.press("G", *"kkkkk")
        record = main(pilot).view.selection().record
        for size in ((120, 36), (100, 30), (80, 24), (200, 50), (119, 24), (140, 40)):
            for key in ("", "d", "b", "z", "z", "b", "d"):
                if key:
                    await pilot.press(key)
                await pilot.resize_terminal(*size)
                await until_settled(pilot.app)
                assert main(pilot).view.selection().record == record
                if rows.region.width and not main(pilot).has_class("-narrow"):
                    assert "▌" in text_of(pilot, "#list"), (size, key)
                rows.focus()


async def test_purpose_stands_in_the_place_of_its_code_where_there_is_room(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        assert "Purpose" in text_of(pilot)
        assert " np " not in text_of(pilot)
        await pilot.resize_terminal(120, 36)
        await until_settled(pilot.app)
        assert "Purpose" not in text_of(pilot)
        assert ", np " in text_of(pilot)


async def test_columns_follow_the_details_at_the_same_width(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        rows = main(pilot).rows
        assert "purpose" in rows.columns_shown
        rows.is_beside_details = lambda: False
        assert "purpose" not in rows.columns_shown

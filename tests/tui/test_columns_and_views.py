"""Columns can be chosen and ordered, and what is on screen can be saved with a name."""

from pathlib import Path

from textual.pilot import Pilot

from tests.tui.driver import app_on, main, notices, opened, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.tui.saved_views import SavedView
from tokendesk.tui.screens.columns import ColumnsDialog
from tokendesk.tui.screens.views import ViewsDialog
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query


def header(pilot: Pilot[int]) -> list[str]:
    return text_of(pilot).splitlines()[1].replace("▼", " ").replace("│", " ").split()


async def test_columns_are_chosen_moved_kept_and_put_back(small: Settings) -> None:
    async with opened(app_on(small), (120, 36)) as pilot:
        assert header(pilot)[:3] == ["Label", "Owner", "Last"]
        record = main(pilot).view.selection().record
        await pilot.press("j", "j", "comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        place = [column.name for column in main(pilot).view.pane.columns].index("created")
        await pilot.press("space", *"j" * (place - 1), "space", "k", *"K" * place, "enter")
        await wait_until(pilot, lambda: header(pilot)[:3] == ["Created", "Owner", "Last"])
        await pilot.press("k", "k")
        assert main(pilot).view.selection().record == record
    async with opened(app_on(small), (120, 36)) as pilot:
        assert header(pilot)[:3] == ["Created", "Owner", "Last"]
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press("tab", "tab", "enter")
        await wait_until(pilot, lambda: header(pilot)[:2] == ["Label", "Owner"])
        assert UiState(small.paths.ui).columns("tokens") == ()


async def test_at_least_one_column_stays(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("3")
        await until_settled(pilot.app)
        shown = main(pilot).rows.columns_shown
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press(*["space"] * len(shown), "enter")
        await wait_until(pilot, lambda: "at least one" in text_of(pilot, "#columns-hint"))
        await pilot.press("escape")
        await wait_until(pilot, lambda: header(pilot)[0] == "Policy")


async def test_a_view_is_saved_whole_shown_from_another_pane_and_deleted(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        await pilot.press("V")
        await wait_until(pilot, lambda: "no saved views" in notices(pilot)[-1].message)
        await pilot.press("slash", *"idle:>90d", "enter", "l", "s", "w")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press(*"quiet", "enter")
        await wait_until(pilot, lambda: "quiet" in text_of(pilot, "#scope"))
        saved = Query("tokens", filter="idle:>90d", sort=("owner",))
        assert [view.query for view in UiState(small.paths.ui).views()] == [saved]
        await pilot.press("escape", "2", "V")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ViewsDialog))
        await pilot.press("enter")
        await wait_until(pilot, lambda: main(pilot).query_shown == saved and main(pilot).rows.ids)
        await pilot.press("escape")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "users")
        await pilot.press("V", "x")
        await wait_until(pilot, lambda: "x again deletes quiet" in text_of(pilot, "#views-hint"))
        await pilot.press("x")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert UiState(small.paths.ui).views() == []


def test_two_programs_on_one_profile_keep_the_views_of_both(tmp_path: Path) -> None:
    one, other = UiState(tmp_path / "ui.json"), UiState(tmp_path / "ui.json")
    views = [SavedView(name, Query("tokens", filter=name)) for name in ("a", "b")]
    one.save_view(views[0])
    other.save_view(views[1])
    assert UiState(tmp_path / "ui.json").views() == views
    one.delete_view(views[1])
    assert UiState(tmp_path / "ui.json").views() == views[:1]


async def test_codes_of_findings_are_explained_while_the_cursor_is_on_them(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        keys = text_of(pilot, "#keys")
        await pilot.press(*"lllll")
        await wait_until(pilot, lambda: "np  no purpose" in text_of(pilot, "#keys"))
        await pilot.press("h")
        await wait_until(pilot, lambda: text_of(pilot, "#keys") == keys)


async def test_what_no_row_has_is_one_line_that_unfolds(small: Settings) -> None:
    async with opened(app_on(small), (140, 44)) as pilot:
        assert "revoke" not in text_of(pilot, "#scope")
        lines = text_of(pilot, "#scope").splitlines()
        await pilot.click("#scope", offset=(5, max(i for i, line in enumerate(lines) if "more" in line)))
        await wait_until(pilot, lambda: "revoke" in text_of(pilot, "#scope"))

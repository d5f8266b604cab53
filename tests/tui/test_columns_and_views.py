"""Columns can be chosen and ordered, and what is on screen can be saved with a name."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driver import app_on, main, notices, opened, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.tui.saved_views import SavedView
from tokendesk.tui.screens.columns import ColumnsDialog
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.screens.prompt import PromptDialog
from tokendesk.tui.screens.views import ViewsDialog
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query, Scope


def header(pilot: Pilot[int]) -> list[str]:
    return text_of(pilot).splitlines()[1].replace("▼", " ").replace("│", " ").split()


async def test_columns_are_chosen_moved_kept_and_put_back(small: Settings) -> None:
    async with opened(app_on(small), (120, 36)) as pilot:
        assert header(pilot)[:3] == ["Label", "Owner", "Last"]
        record = main(pilot).view.selection().record
        await pilot.press("j", "j", "comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        shown, columns = main(pilot).rows.columns_shown, [column.name for column in main(pilot).view.pane.columns]
        await pilot.press("space", *"j" * columns.index("created"), "space", *"K" * len(shown), "enter")
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
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press(*["space", "j"] * len(main(pilot).view.pane.default_columns), "enter")
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


def test_what_one_program_keeps_does_not_undo_what_another_saved(tmp_path: Path) -> None:
    one, other = UiState(tmp_path / "ui.json"), UiState(tmp_path / "ui.json")
    view = SavedView("a", Query("tokens", (Scope("Ada", "owner:ada"),), "idle:>90d"))
    other.save_view(view)
    other.choose_columns("users", ("name",))
    one.keep_grouping("tokens", ("owner",), "-rows")
    one.remember("tokens", "idle:>90d")
    one.remember_theme("dark", "dark")
    one.leave_triage("t1", ["t2"])
    now = UiState(tmp_path / "ui.json")
    assert (now.views(), now.columns("users"), now.history("tokens")) == ([view], ("name",), ["idle:>90d"])
    assert one.views() == other.views() == [view]


def test_an_unreadable_file_is_kept_and_a_failed_save_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    path.write_text('{"views": [', encoding="utf-8")
    state = UiState(path)
    assert state.views() == []
    assert state.save_view(SavedView("a \ud800", Query("tokens")))
    assert path.with_suffix(".unreadable").read_text(encoding="utf-8") == '{"views": ['
    assert [view.name for view in UiState(path).views()] == ["a ?"]
    path.with_suffix(".new").mkdir()
    assert not state.save_view(SavedView("b", Query("tokens")))
    state.remember("tokens", "idle:>90d")
    assert [view.name for view in state.views()] == ["a ?", "b"]
    path.with_suffix(".new").rmdir()
    UiState(path).save_view(SavedView("of another", Query("tokens")))
    state.choose_columns("users", ("name",))
    assert [view.name for view in UiState(path).views()] == ["a ?", "of another", "b"]


@pytest.mark.parametrize(
    "content",
    [b"[1]", b'{"views": "caf\xe9"}', b"[" * 100_000, b"x" * (STATE_BYTES + 1)],
    ids=["a list", "latin-1", "nested", "large"],
)
def test_no_unreadable_file_is_lost(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    for number in ("", "1"):
        path.write_bytes(content)
        state = UiState(path)
        state.remember("tokens", "idle:>90d")
        assert UiState(path).history("tokens") == ["idle:>90d"]
        assert path.with_suffix(f".unreadable{number}").read_bytes() == content


async def test_a_view_of_a_scope_shows_it_at_once_and_is_replaced_only_after_a_question(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        scope = Scope("In use", "is:in-use")
        main(pilot).view.pick(scope)
        for name in ("quiet", "other"):
            await pilot.press("w")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, PromptDialog))
            await pilot.press(*name, "enter")
            await wait_until(pilot, lambda name=name: name in text_of(pilot, "#scope"))
        await pilot.press("escape", "slash", *"idle:>90d", "enter", "w")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PromptDialog))
        await pilot.press(*"quiet", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("escape", "V")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ViewsDialog))
        assert "Tokens: In use" in text_of(pilot, "OptionList")
        await pilot.press("enter")
        await wait_until(pilot, lambda: main(pilot).query_shown == Query("tokens", (scope,)))


async def test_an_unknown_column_is_left_out_of_list_and_dialog(small: Settings) -> None:
    UiState(small.paths.ui).choose_columns("tokens", ("label", "gone", "owner"))
    async with opened(app_on(small), (100, 30)) as pilot:
        assert header(pilot) == ["Label", "Owner"]
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press("j", "space", "enter")
        await wait_until(pilot, lambda: header(pilot) == ["Label"])


async def test_columns_without_room_are_kept_behind_those_that_are_added(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        usual = [column.name for column in main(pilot).view.pane.default_columns]
        shown = main(pilot).rows.columns_shown
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        assert "(no room now)" in text_of(pilot, "OptionList")
        await pilot.press("enter")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert UiState(small.paths.ui).columns("tokens") == ()
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press(*"j" * len(usual), "space", "enter")
        await wait_until(pilot, lambda: "+" in text_of(pilot))
        chosen = UiState(small.paths.ui).columns("tokens")
        (added,) = set(chosen).difference(usual)
        rest = [name for name in usual if name not in shown]
        assert chosen == (*shown, added, *rest)


async def test_a_column_that_is_hidden_and_shown_stays_where_it_was(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        usual = [column.name for column in main(pilot).view.pane.default_columns]
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ColumnsDialog))
        await pilot.press(*"j" * (len(usual) - 1), "space", "enter")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert UiState(small.paths.ui).columns("tokens") == tuple(usual[:-1])


async def test_rows_read_ahead_have_the_columns_on_screen(settings: Settings) -> None:
    async with opened(app_on(settings), (120, 36)) as pilot:
        await pilot.press("2")
        await until_settled(pilot.app)
        UiState(settings.paths.ui).choose_columns("users", ("name",))
        main(pilot).ctx.ui_state.read_again()
        await pilot.press(*["ctrl+d"] * 4)
        await until_settled(pilot.app)
        assert header(pilot)[:2] == ["Name", "E-mail"]
        assert text_of(pilot).count("@") > 20


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

"""The page of groups: counts by the column under the cursor, and the rows behind each."""

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from tests.tui.driver import app_on, main, marked, notes, opened, said, text_of, wait_until
from tests.tui.idle import Gate, until_settled
from tests.tui.scripted_ui import ScriptedUi
from tokendesk.config import Settings
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Refresh
from tokendesk.tui.flows.groups import group
from tokendesk.tui.saved_views import SavedView
from tokendesk.tui.screens.choose import ChooseDialog
from tokendesk.tui.screens.groups import GroupsScreen
from tokendesk.tui.screens.main import MainScreen
from tokendesk.tui.screens.note import NoteForm
from tokendesk.tui.screens.prompt import PromptDialog
from tokendesk.tui.screens.views import ViewsDialog
from tokendesk.tui.selection import Selection
from tokendesk.tui.ui_state import UiState
from tokendesk.tui.widgets.bars import bar
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query


def lines(pilot: Pilot[int]) -> list[list[str]]:
    """The words of each row, without border and cursor."""
    assert isinstance(pilot.app.screen, GroupsScreen)
    rows = [line.strip("│▌● ").split() for line in text_of(pilot).splitlines()[2:-1]]
    return [words for words in rows if words]


async def shows(pilot: Pilot[int], kind: type[object], words: str = "") -> None:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind) and (not words or words in text_of(pilot)))


async def is_by(pilot: Pilot[int], titles: str) -> None:
    await shows(pilot, GroupsScreen, "value")
    await wait_until(pilot, lambda: f"by {titles} " in text_of(pilot, "#title"))


async def test_groups_are_counted_sorted_marked_and_opened(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("slash", *"used:<400d", "enter", "l", "l", "l", "l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        first = lines(pilot)[0]
        assert first[0] == "Default"
        await pilot.press("space")
        await wait_until(pilot, lambda: "marked in all" in text_of(pilot, "#standing"))
        assert len(marked(pilot, "tokens")) == int(first[1])
        await wait_until(pilot, lambda: "Marked" in text_of(pilot))
        await pilot.press("s")
        await wait_until(pilot, lambda: "▲" in text_of(pilot))
        assert text_of(pilot).count("●Default") == 1
        assert "marked in all" in text_of(pilot, "#standing")
        assert [words[0] for words in lines(pilot)] == sorted(words[0] for words in lines(pilot))
        await pilot.press("number_sign")
        await shows(pilot, ChooseDialog)
        await pilot.press(*"jjj", "enter")
        await shows(pilot, GroupsScreen, "Expires")
        await pilot.press("G", "enter")
        await shows(pilot, MainScreen)
        await wait_until(pilot, lambda: len(main(pilot).query_shown.scopes) == 2)
        await wait_until(pilot, lambda: main(pilot).view.loader.are_rows_of(main(pilot).query_shown))
        assert main(pilot).rows.ids
        assert [scope.title.split(":")[0] for scope in main(pilot).query_shown.scopes] == ["Policy", "Expires"]
        await pilot.press("escape")  # back to the group that was left
        await shows(pilot, GroupsScreen, "Expires")
        await wait_until(pilot, lambda: lines(pilot) and "▌" in text_of(pilot).splitlines()[len(lines(pilot)) + 1])
        await pilot.press("escape")
        await shows(pilot, MainScreen)
        await wait_until(pilot, lambda: main(pilot).query_shown == Query("tokens", filter="used:<400d"))
        assert len(main(pilot).rows.marks.row_ids) == int(first[1])


async def test_a_grouping_is_saved_as_a_view_and_opened_from_another_pane(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        await pilot.press("l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        await pilot.press("w")
        await shows(pilot, PromptDialog)
        await pilot.press(*"owners", "enter")
        await shows(pilot, GroupsScreen)
        await pilot.press("escape")
        await shows(pilot, MainScreen)
        await pilot.press("2", "V")
        await shows(pilot, ViewsDialog)
        await pilot.press("enter")
        await shows(pilot, GroupsScreen, "values")
        owner = lines(pilot)[0][0]
        before = len(marked(pilot, "tokens"))
        await pilot.press("space")
        await wait_until(pilot, lambda: "marked in all" in text_of(pilot, "#standing"))
        assert len(marked(pilot, "tokens")) > before
        await pilot.press("k")
        await pilot.press("enter")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "tokens" and owner in text_of(pilot))
        await until_settled(pilot.app)
        row = next(at for at, line in enumerate(text_of(pilot, "#scope").splitlines()) if "owners" in line)
        await pilot.click("#scope", offset=(4, row))
        await shows(pilot, GroupsScreen, "values")
        await pilot.press("escape")
        await shows(pilot, MainScreen)
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"View: owners")
        await until_settled(pilot.app)
        await pilot.press("enter")
        await shows(pilot, GroupsScreen, "values")


async def test_marks_are_made_below_a_filter_for_marks(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        await pilot.press("space", "space", "space", "slash", *"is:marked", "enter", "l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        groups = len(lines(pilot))
        assert text_of(pilot).count("●") == groups
        await pilot.press("space")
        await wait_until(pilot, lambda: "unmarked" in text_of(pilot, "#standing"))
        await until_settled(pilot.app)
        left = len(marked(pilot, "tokens"))
        assert left < 3
        assert text_of(pilot).count("●") == groups - 1
        await pilot.press("k", "space")
        await wait_until(pilot, lambda: "3 marked in all" in text_of(pilot, "#standing"))
        await until_settled(pilot.app)
        assert text_of(pilot).count("●") == groups
        await pilot.press("space", "escape")  # the second group
        await shows(pilot, MainScreen)
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == len(marked(pilot, "tokens")) < 3)


async def test_keys_of_the_list_act_on_marked_groups_or_say_where_they_work(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        await pilot.press("slash")
        await wait_until(pilot, lambda: said(pilot) == "Filter works in the list: esc goes back to it.")
        await pilot.press("e")
        await wait_until(pilot, lambda: "space marks those of a group" in said(pilot))
        await pilot.press("space", "e")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, NoteForm))
        assert pilot.app.screen_stack[-2] is main(pilot)


async def test_marked_rows_are_acted_on_in_their_own_pane(small: Settings) -> None:
    UiState(small.paths.ui).save_view(SavedView("users", Query("users", by=("policy",))))
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("V")
        await shows(pilot, ViewsDialog)
        await pilot.press("enter")
        await shows(pilot, GroupsScreen, "value")
        await pilot.press("G", "space", "e")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, NoteForm))
        users = marked(pilot, "users")
        await pilot.press(*"bots", "enter")
        await shows(pilot, MainScreen)
    assert {(row["about"], row["subject"]) for row in notes(small)} == {("user", user) for user in users}


async def test_marks_of_another_pane_are_known_also_after_a_reload(small: Settings) -> None:
    state = UiState(small.paths.ui)
    state.save_view(SavedView("a", Query("users", by=("policy",))))
    state.save_view(SavedView("b", Query("users", filter="is:marked", by=("policy",))))
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("V", "enter")
        await shows(pilot, GroupsScreen, "value")
        await pilot.press("G", "space", "escape")
        await shows(pilot, MainScreen)
        users = len(marked(pilot, "users"))
        assert users
        for _ in range(2):
            await pilot.press("V", "j", "enter")
            await shows(pilot, GroupsScreen, "1 value")
            assert int(lines(pilot)[0][1]) == users
            await pilot.press("escape")
            await shows(pilot, MainScreen)
            await main(pilot).view.read_again(Refresh.FILES)


async def test_marks_stay_through_sorting_and_resizing_at_once(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("l", "l", "l", "l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        were_marked: set[str] = set()
        for _ in range(3):
            await pilot.press("g", "space", "s")
            await pilot.resize_terminal(100, 31)
            await pilot.resize_terminal(100, 30)
            await until_settled(pilot.app)
            shown = [line for line in text_of(pilot).splitlines()[2:] if line.strip("│╰╯─ ")][: len(lines(pilot))]
            counts = [(words[1], words[4] if words[4].isdigit() else "") for words in lines(pilot)]
            assert ["●" in line for line in shown] == [rows == those for rows, those in counts]
            assert sum(int(those or 0) for _, those in counts) == len(marked(pilot, "tokens"))
            were_marked |= marked(pilot, "tokens")
        assert were_marked


async def test_keys_during_a_count_are_not_taken_back_by_it(small: Settings, gate: Gate) -> None:
    def hold_marked(statement: str) -> None:
        if "json_each" in statement and not gate.is_open:
            gate.hold()

    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        await main(pilot).ctx.store.queries.ask(lambda reader: reader.db.set_trace_callback(hold_marked))
        await pilot.press("space")
        await wait_until(pilot, lambda: gate.is_holding)
        await pilot.press("s", "j", "j")
        place = pilot.app.screen.query_one(RecordList).cursor
        assert place > 2
        gate.open()
        await wait_until(pilot, lambda: "Marked" in text_of(pilot))
        assert "▲" in text_of(pilot)
        assert pilot.app.screen.query_one(RecordList).cursor == place


@pytest.mark.parametrize("sign", ["", "-"])
async def test_groups_below_a_filter_for_marks_are_marked_and_unmarked(sign: str, small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("space", "space", "slash", *f"{sign}is:marked", "enter", "l", "number_sign")
        await shows(pilot, GroupsScreen, "value")
        before = marked(pilot, "tokens")
        groups = lines(pilot)
        for _ in range(2):
            await pilot.press("g", "space")
            await until_settled(pilot.app)
            assert [words[:2] for words in lines(pilot)] == [words[:2] for words in groups]
        assert marked(pilot, "tokens") == before


async def test_groups_are_counted_by_one_column_again(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("l", "number_sign")
        await shows(pilot, GroupsScreen, "values")
        one = lines(pilot)
        await pilot.press("number_sign")
        await shows(pilot, ChooseDialog)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Owner and " in text_of(pilot))
        await pilot.press("number_sign")
        await shows(pilot, ChooseDialog)
        assert "only Owner" in text_of(pilot, "OptionList")
        await pilot.press("g", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen) and lines(pilot) == one)


async def test_the_way_back_leads_to_the_groups_that_were_left(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("slash", *"used:<400d", "enter", "l", "number_sign")
        await is_by(pilot, "Owner")
        owners = lines(pilot)
        await pilot.press("enter")
        await shows(pilot, MainScreen)
        await pilot.press("l", "l", "l", "number_sign")
        await is_by(pilot, "Policy")
        await pilot.press("enter")
        await shows(pilot, MainScreen)
        await wait_until(pilot, lambda: len(main(pilot).query_shown.scopes) == 2)
        await pilot.press("escape")
        await is_by(pilot, "Policy")
        await pilot.press("escape")
        await shows(pilot, MainScreen)
        await pilot.press("escape")
        await is_by(pilot, "Owner")
        assert lines(pilot) == owners


async def test_a_column_without_groups_is_refused_in_a_sentence(ctx: AppContext) -> None:
    outcome = await group(ctx, ScriptedUi(ctx), Selection(Query("journal"), column="verified"))
    assert outcome.notice
    assert outcome.notice.text == "Journal cannot be grouped by Verified. h l choose a column."


def test_a_bar_is_seen_if_there_is_anything_and_never_too_long() -> None:
    assert bar(0, 10, 8) == ""
    assert bar(1, 10_000, 8) == "▏"
    assert bar(10, 10, 8) == "█" * 8
    assert bar(5, 10, 3) == "█▌"
    assert all(len(bar(value, 97, 12)) <= 12 for value in range(98))

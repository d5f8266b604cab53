"""The page of groups: counts by the column under the cursor, and the rows behind each."""

from textual.pilot import Pilot

from tests.tui.driver import app_on, main, marked, notices, opened, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.tui.screens.choose import ChooseDialog
from tokendesk.tui.screens.groups import GroupsScreen
from tokendesk.tui.widgets.bars import bar
from tokendesk.views.query import Query


def lines(pilot: Pilot[int]) -> list[list[str]]:
    """The words of each row, without border and cursor."""
    assert isinstance(pilot.app.screen, GroupsScreen)
    rows = [line.strip("│▌● ").split() for line in text_of(pilot).splitlines()[2:-1]]
    return [words for words in rows if words]


async def test_groups_are_counted_sorted_marked_and_opened(small: Settings) -> None:
    async with opened(app_on(small), (100, 30)) as pilot:
        await pilot.press("slash", *"used:<400d", "enter", "l", "l", "l", "l", "number_sign")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen) and "values" in text_of(pilot))
        first = lines(pilot)[0]
        assert first[0] == "Default"
        await pilot.press("space")
        await wait_until(pilot, lambda: "marked in all" in text_of(pilot, "#standing"))
        assert len(marked(pilot, "tokens")) == int(first[1])
        await pilot.press("s")
        await wait_until(pilot, lambda: lines(pilot)[0][0] != "Default")
        assert [words[0] for words in lines(pilot)] == sorted(words[0] for words in lines(pilot))
        await pilot.press("number_sign")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ChooseDialog))
        await pilot.press(*"jjj", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen) and len(lines(pilot)) > 3)
        await pilot.press("G", "enter")
        await wait_until(
            pilot, lambda: pilot.app.screen is main(pilot) and main(pilot).query_shown.filter.count(":") == 3
        )
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) >= 1)
        assert main(pilot).query_shown.filter.startswith("used:<400d policy.id:")
        await pilot.press("escape")
        await wait_until(pilot, lambda: main(pilot).query_shown == Query("tokens", filter="used:<400d"))
        assert len(main(pilot).rows.marks.row_ids) == int(first[1])


async def test_a_column_without_groups_is_refused_in_a_sentence(small: Settings) -> None:
    async with opened(app_on(small), (140, 40)) as pilot:
        await pilot.press("5", "l", "number_sign")
        await wait_until(pilot, lambda: notices(pilot) or isinstance(pilot.app.screen, GroupsScreen))
        assert isinstance(pilot.app.screen, GroupsScreen)  # a column that has groups, but no row
        await wait_until(pilot, lambda: "nothing to count" in text_of(pilot))
        await pilot.press("enter", "s", "space", "escape", *"lllll", "number_sign")
        await wait_until(pilot, lambda: "cannot be grouped by Verified" in "".join(n.message for n in notices(pilot)))


def test_a_bar_is_seen_if_there_is_anything_and_never_too_long() -> None:
    assert bar(0, 10, 8) == ""
    assert bar(1, 10_000, 8) == "▏"
    assert bar(10, 10, 8) == "█" * 8
    assert bar(5, 10, 3) == "█▌"
    assert all(len(bar(value, 97, 12)) <= 12 for value in range(98))

"""The browser, by keys, on the practice organization."""

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input, Static

from tests.practice import organization, practice, pull_quietly, settings_in
from tests.tui.driver import Pulled, app_on, details_title, main, notices, opened, reader, said, text_of, wait_until
from tokendesk.desk.entries import Desk
from tokendesk.model.text import printable
from tokendesk.running.access import ApiAccess
from tokendesk.tui.actions import ACTIONS
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.groups import GroupsScreen
from tokendesk.tui.screens.main import MainScreen
from tokendesk.tui.screens.overview import OverviewScreen
from tokendesk.tui.screens.quarantine import QuarantineScreen
from tokendesk.tui.screens.readiness import ReadinessScreen
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.triage import TriageScreen
from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.tui.widgets.record_list import RecordList


async def test_all_of_the_organization_is_there(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        tabs = str(pilot.app.screen.query_one("#tabs", Static).render())
        assert "Tokens 82" in tabs
        assert "Users 1,204" in tabs
        assert "Policies 4" in tabs
        assert len(main(pilot).rows.ids) == 82


async def test_details_follow_the_cursor(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        for _ in range(3):
            await pilot.press("j")
            row = reader(pilot).row("tokens", screen.rows.row_id or 0, screen.ctx.now())
            assert row is not None
            title = printable(row["label"])
            await wait_until(pilot, lambda title=title: details_title(pilot) == title)


async def test_typing_narrows_and_escape_widens_again(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("slash", *"jenkins")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 2)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 82)
        assert main(pilot).rows.has_focus


async def test_letters_right_behind_the_slash_are_part_of_the_filter(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        for key in ("slash", *"jm", "slash", "k"):  # all at once, as a terminal hands over what waited
            pilot.app.post_message(events.Key(key, "/" if key == "slash" else key))
        line = main(pilot).query_one("#filter", Input)
        await wait_until(pilot, lambda: line.value == "jm/k")
        assert main(pilot) is pilot.app.screen
        assert line.has_focus


async def test_a_filter_that_is_wrong_keeps_the_rows_and_says_why(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("slash", *"idle:>90d")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 23)
        main(pilot).query_one("#filter", Input).value += " polcy:x"
        await wait_until(pilot, lambda: "did you mean" in text_of(pilot, "#filter-row"))
        assert len(main(pilot).rows.ids) == 23


async def test_enter_goes_from_a_policy_to_its_users_to_their_tokens_and_escape_back(
    pulled: Pulled,
) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("3")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 4)
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: screen.query_shown.pane == "users" and len(screen.rows.ids) == 48)
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.query_shown.pane == "tokens")
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 48)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 4)
        assert screen.rows.cursor == 1


async def test_capital_j_goes_to_the_owner_and_back_to_the_same_token(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("j", "j", "j", "J")
        await wait_until(pilot, lambda: screen.query_shown.pane == "users" and len(screen.rows.ids) == 1)
        assert "Kacper Sousa" in text_of(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 82)
        assert screen.rows.cursor == 3


async def test_a_note_is_there_after_a_restart(pulled: Pulled) -> None:
    settings = pulled[0]
    async with opened(app_on(settings)) as pilot:
        label = details_title(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press(*"for [b]books[/x]", "enter")
        await wait_until(pilot, lambda: "for [b]books[/x]" in text_of(pilot, "#details"))
    async with opened(app_on(settings)) as pilot:
        assert details_title(pilot) == label
        await wait_until(pilot, lambda: "for [b]books[/x]" in text_of(pilot, "#details"))
        await pilot.press("slash", *"purpose:books")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1)
    with Desk(settings.paths.desk) as desk:
        assert [entry.kind for entry in desk.entries()][-1] == "note"


async def test_a_first_start_pulls_and_shows_what_it_reads(tmp_path: Path) -> None:
    made = organization(users=300, tokens=30)
    with practice(made) as access:
        app = app_on(settings_in(tmp_path), access, pull_at_start=True)
        async with opened(app) as pilot:
            await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 30)
            await wait_until(pilot, lambda: not main(pilot).query_one("#activity").has_class("running"))
            await pilot.press("2")
            await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 300)


async def test_a_pull_that_fails_leaves_everything_usable(pulled: Pulled) -> None:

    from tokendesk.model.secret import Secret

    access = ApiAccess("http://127.0.0.1:1", "org", Secret("example"))
    async with opened(app_on(pulled[0], access)) as pilot:
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: notices(pilot))
        await pilot.press("j")
        assert main(pilot).rows.cursor == 1
        assert len(main(pilot).rows.ids) == 82


@pytest.mark.parametrize("size", [(140, 40), (100, 30), (80, 24), (40, 10), (20, 5), (1, 1)])
async def test_no_size_crashes(pulled: Pulled, size: tuple[int, int]) -> None:
    async with opened(app_on(pulled[0]), size) as pilot:
        for key in ("j", "d", "d", "b", "b", "2", "3", "1", "slash", "a", "escape", "question_mark", "escape"):
            await pilot.press(key)
        assert main(pilot).rows.ids


async def test_a_small_terminal_says_what_it_needs(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0]), (40, 10)) as pilot:
        assert "80 x 24" in " ".join(text_of(pilot, "#too-small").split())


async def test_labels_of_strangers_are_drawn_and_never_run(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0]), (140, 100)) as pilot:
        text = text_of(pilot)
        assert "[/markup]" in text
        assert "[bold red]x" in text
        assert "␛[31m" in text
        assert "\x1b" not in text
        rows: RecordList = main(pilot).rows
        for _ in range(82):
            rows.action_cursor_down()
            await pilot.pause()


def test_each_key_stands_once_and_none_is_one_that_terminals_take() -> None:
    for place in {place for key in ACTIONS for place in key.contexts}:
        taken: dict[str, str] = {}
        # The list has its keys wherever it stands, among those of the screen around it.
        around = {place} if place in ("triage", "details") else {place, "list"}
        for key in (key for key in ACTIONS if around.intersection(key.contexts)):
            for one in filter(None, key.keys.split(",")):
                assert one not in taken, f"{one}: {key.id} and {taken[one]}"
                taken[one] = key.id
    only_ways = [
        key.id
        for key in ACTIONS
        if key.keys and set(key.keys.split(",")) <= {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+s", "ctrl+q"}
    ]
    assert only_ways == []


def test_every_key_of_the_table_has_its_action() -> None:
    owners = {
        "screen": MainScreen, "list": RecordList, "review": ReviewScreen, "run": RunScreen, "triage": TriageScreen,
        "details": DetailsPane, "readiness": ReadinessScreen, "quarantine": QuarantineScreen, "groups": GroupsScreen,
        "overview": OverviewScreen,
    }  # fmt: skip
    for key in ACTIONS:
        for place in key.contexts:
            action = key.textual_action(place)
            owner = TokendeskApp if action.startswith("app.") else owners[place]
            name = action.removeprefix("app.").split("(")[0]
            assert hasattr(owner, f"action_{name}"), (key.id, place)


async def test_the_filter_line_is_left_by_enter_with_the_filter_kept(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("slash", *"k8s", "enter")
        assert main(pilot).rows.has_focus
        assert main(pilot).query_one("#filter", Input).value == "k8s"
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 2)


def test_a_damaged_snapshot_is_said_before_the_screens_open(tmp_path: Path) -> None:
    from tokendesk.commands.browse import open_screens
    from tokendesk.errors import UsageError

    settings = settings_in(tmp_path)
    settings.paths.snapshot.parent.mkdir(parents=True)
    settings.paths.snapshot.write_bytes(b"not a snapshot")
    with pytest.raises(UsageError, match="is not a tokendesk snapshot"):
        open_screens(settings, None)


async def test_marks_survive_filter_sort_and_pane_and_say_what_is_hidden(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("space", "space", "v", "j", "j", "v")
        await wait_until(pilot, lambda: len(screen.rows.marks.row_ids) == 5)
        await wait_until(pilot, lambda: "5 marked" in text_of(pilot, "#filter-row"))
        await pilot.press("slash", *"used:never", "enter")
        await wait_until(pilot, lambda: "5 marked (5 hidden)" in text_of(pilot, "#filter-row"))
        await pilot.press("asterisk", "backspace")
        await wait_until(pilot, lambda: "14 marked" in text_of(pilot, "#filter-row"))
        await pilot.press("2", "1", "s")
        await wait_until(pilot, lambda: len(screen.rows.marks.row_ids) == 14)
        await pilot.press("slash", *"is:marked", "enter")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 14)
        await pilot.press("backslash")
        await wait_until(pilot, lambda: screen.rows.marks.row_ids == set() and len(screen.rows.ids) == 0)


async def test_s_sorts_by_the_column_under_the_cursor_and_reverses(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("s")
        await wait_until(
            pilot, lambda: list(screen.query_shown.sort) == ["label"] and "Label" in text_of(pilot).splitlines()[1]
        )
        first = list(screen.rows.ids)
        await pilot.press("s")
        await wait_until(pilot, lambda: list(screen.rows.ids) != first)
        assert list(screen.query_shown.sort) == ["-label"]
        await pilot.press("l", "S")
        await wait_until(pilot, lambda: list(screen.query_shown.sort) == ["-label", "owner"])


async def test_f_keeps_the_value_capital_f_leaves_it_out_backspace_drops_it(
    pulled: Pulled,
) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("f")
        await wait_until(
            pilot, lambda: screen.query_shown.filter == 'label:="terraform 2026"' and len(screen.rows.ids) == 1
        )
        await pilot.press("backspace", "F")
        await wait_until(pilot, lambda: len(screen.rows.ids) == 81)
        await pilot.press("minus")
        await wait_until(pilot, lambda: len(screen.rows.ids) != 81)


async def test_minus_and_plus_lead_through_the_views_of_all_panes(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("j", "j")
        start, third = screen.query_shown, screen.rows.row_id
        await pilot.press("slash", *"-is:idle +x", "backspace", "backspace", "backspace", "enter")
        assert screen.query_shown.filter == "-is:idle"
        await pilot.press("2", "enter")
        assert screen.query_shown.scopes
        trail = [screen.query_shown]
        for _ in range(3):
            await pilot.press("minus")
            trail.append(screen.query_shown)
        assert [query.pane for query in trail] == ["tokens", "users", "tokens", "tokens"]
        assert trail[-1] == start
        await wait_until(pilot, lambda: screen.rows.row_id == third)
        await pilot.press("minus")
        assert "There is no view before this one." in said(pilot)
        for query in trail[-2::-1]:
            await pilot.press("plus")
            assert screen.query_shown == query
        await pilot.press("plus")
        assert "There is no view after this one." in said(pilot)


async def test_tab_completes_fields_and_values_that_occur(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        screen = main(pilot)
        await pilot.press("slash", *"pol", "tab")
        await wait_until(pilot, lambda: screen.query_shown.filter.startswith("policy"))
        await pilot.press(*"Int")
        await wait_until(pilot, lambda: "Integrations 11" in text_of(pilot, "#keys"))
        await pilot.press("tab")
        await wait_until(
            pilot, lambda: screen.query_shown.filter == "policy:Integrations" and len(screen.rows.ids) == 11
        )


async def test_filters_are_remembered_and_saved_by_name(tmp_path: Path) -> None:
    made = organization(100, 20)
    settings = settings_in(tmp_path)
    with practice(made) as access:
        await pull_quietly(settings, access)
    async with opened(app_on(settings), (140, 44)) as pilot:
        await pilot.press("slash", *"used:never", "enter", "w")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press(*"quiet ones", "enter")
        await wait_until(pilot, lambda: "quiet ones" in text_of(pilot, "#scope"))
    async with opened(app_on(settings), (140, 44)) as pilot:
        assert "quiet ones" in text_of(pilot, "#scope")
        await pilot.press("slash", "up")
        await wait_until(pilot, lambda: main(pilot).query_shown.filter == "used:never")


async def test_a_pull_that_breaks_half_way_leaves_the_rows_and_says_why(pulled: Pulled) -> None:
    from tests.practice import serving_access
    from tokendesk.sandbox.faults import with_faults

    with serving_access(pulled[1], wrap=with_faults(["key-expires"])) as access:
        async with opened(app_on(pulled[0], access)) as pilot:
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: notices(pilot))
            assert "does not accept the API key" in notices(pilot)[0].message
            await pilot.press("j", "j")
            assert main(pilot).rows.cursor == 2
            assert len(main(pilot).rows.ids) == 82


async def test_a_pull_can_be_cancelled_and_tried_again(tmp_path: Path) -> None:
    from tests.practice import serving_access
    from tokendesk.sandbox.faults import with_faults

    settings = settings_in(tmp_path)
    made = organization(300, 30)
    with practice(made) as access:
        await pull_quietly(settings, access)
    with serving_access(made, wrap=with_faults(["slow"])) as access:
        async with opened(app_on(settings, access)) as pilot:
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: main(pilot).query_one("#activity").has_class("running"))
            await pilot.press("C")
            await wait_until(pilot, lambda: not main(pilot).query_one("#activity").has_class("running"))
            assert len(main(pilot).rows.ids) == 30
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: main(pilot).query_one("#activity").has_class("running"))


async def test_a_pull_that_cannot_read_policies_says_so_in_the_title_and_why_in_a_notice(tmp_path: Path) -> None:
    from tests.practice import serving_access
    from tokendesk.sandbox.faults import with_faults

    settings = settings_in(tmp_path)
    made = organization(60, 10)
    with practice(made) as access:
        await pull_quietly(settings, access)
    with serving_access(made, wrap=with_faults(["policy-unreadable"])) as access:
        async with opened(app_on(settings, access)) as pilot:
            assert "unknown" not in text_of(pilot, "#title")
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: any(n.title == "Not known" for n in pilot.app._notifications))
            (notice,) = [n for n in pilot.app._notifications if n.title == "Not known"]
            assert "assignment.ref" in notice.message
            await wait_until(pilot, lambda: "policies unknown" in text_of(pilot, "#title"))

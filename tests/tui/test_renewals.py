"""Renewals by keys: asking, letting lapse, and undoing what the rule wrote."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.practice import NOW
from tests.renewed import NEW, OLD, OTHER, renewed_home, run_rule
from tests.tui.driver import (
    app_on,
    closed,
    form,
    last_entry,
    main,
    notes,
    notices,
    opened,
    palette,
    said,
    text_of,
    wait_until,
)
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.widgets.choice import Choice
from tokendesk.views.records import predecessors

DAY, REPLY = "2026-11-23", "2026-12-07"


async def shown(pilot: Pilot[int], text: str, count: int) -> None:
    main(pilot).set_filter(text)
    await wait_until(pilot, lambda: main(pilot).query_shown.filter == text and len(main(pilot).rows.ids) == count)
    await until_settled(pilot.app)


async def on_credentials(pilot: Pilot[int]) -> None:
    await pilot.press("6")
    await wait_until(pilot, lambda: main(pilot).query_shown.pane == "credentials" and main(pilot).rows.ids)
    await until_settled(pilot.app)


def dialog(pilot: Pilot[int]) -> str:
    """The words of the dialog, on one line."""
    return " ".join(text_of(pilot, ".dialog").replace("│", " ").split())


async def confirmed(pilot: Pilot[int]) -> str:
    """Wait for a question, answer it with enter, and return its words."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm) and pilot.app.screen.focused)
    words = dialog(pilot)
    await pilot.press("enter")
    await closed(pilot)
    return words


async def test_a_asks_about_the_marked_that_are_due_and_u_takes_the_note_back(
    settings: Settings, tmp_path: Path
) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("asterisk", "a")
        page = await form(pilot)
        page.query_one("#folder", Input).value = str(tmp_path / "letters")
        assert "56 left out: 56 not due for renewal." in dialog(pilot)
        assert "Where something ends sooner, the answer is due the day before." in dialog(pilot)
        await pilot.press("enter")
        await confirmed(pilot)
        await wait_until(pilot, lambda: notes(settings))
        asked = notes(settings)
        await wait_until(pilot, lambda: f"asked to renew {len(asked)} token" in said(pilot))
        assert {(row["renewal"], row["asked_on"], row["decision"]) for row in asked} == {("asked", DAY, None)}
        assert all(DAY < str(row["reply_by"]) <= REPLY for row in asked)
        written = "\n".join(path.read_text("utf-8") for path in (tmp_path / "letters").iterdir())
        assert written.count("\n  last used: ") == len(asked) > 0
        await shown(pilot, "is:renewal renewal:asked", len(asked))
        await pilot.press("u")
        await wait_until(pilot, lambda: notes(settings) == [])


async def test_a_writes_about_credentials_in_their_pane(settings: Settings, tmp_path: Path) -> None:
    async with opened(app_on(settings)) as pilot:
        await on_credentials(pilot)
        await shown(pilot, "is:renewal kind:key", 1)
        await pilot.press("a")
        (await form(pilot)).query_one("#folder", Input).value = str(tmp_path / "letters")
        await pilot.press("enter")
        words = await confirmed(pilot)
        assert "1 credential that their contact was asked" in words
        await wait_until(pilot, lambda: notes(settings))
        assert [(row["about"], row["renewal"]) for row in notes(settings)] == [("credential", "asked")]


@pytest.mark.parametrize("key", ["a", "L"])
async def test_what_is_not_due_is_refused_with_the_next_step(small: Settings, key: str) -> None:
    async with opened(app_on(small)) as pilot:
        await shown(pilot, "-is:renewal", 27)
        await pilot.press(key)
        await wait_until(pilot, lambda: notices(pilot))
        assert "Nothing to renew here: 1 not due for renewal. Filter with is:renewal" in said(pilot)
        assert pilot.app.screen is main(pilot)
        assert notes(small) == []


async def test_nobody_to_ask_is_said_with_the_next_step(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await shown(pilot, "is:renewal owner:svc-gitlab-ci", 1)
        await pilot.press("a")
        await wait_until(pilot, lambda: notices(pilot))
        assert said(pilot) == (
            "Nobody can be asked about this token: owner is an integration account. e records a contact."
        )


async def test_capital_l_lets_lapse_what_is_due_and_u_undoes(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("asterisk", "L")
        await wait_until(pilot, lambda: len(notes(small)) == 3)
        assert {row["renewal"] for row in notes(small)} == {"lapse"}
        await wait_until(pilot, lambda: "Noted that 3 tokens may lapse. 27 left out: 27 not due" in said(pilot))
        await pilot.press("u")
        await wait_until(pilot, lambda: notes(small) == [])


@pytest.mark.parametrize("goes_on", [True, False])
async def test_what_is_decided_to_stay_lapses_only_after_a_question(settings: Settings, goes_on: bool) -> None:
    async with opened(app_on(settings)) as pilot:
        await on_credentials(pilot)
        await shown(pilot, "is:renewal", 2)
        key = next(iter(main(pilot).ctx.store.ui_reader.records("credentials", main(pilot).rows.ids[:1]).values()))
        with Desk(settings.paths.desk, author="admin") as desk:
            write_note(desk, "credential", [key], {"decision": "rotate"})
        await pilot.press("asterisk", "L")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm) and pilot.app.screen.focused)
        assert "has the decision rotate. Letting it lapse goes against that." in dialog(pilot)
        await pilot.press("enter" if goes_on else "escape")
        await closed(pilot)
        await until_settled(pilot.app)
        assert [row["renewal"] for row in notes(settings)] == (["lapse", "lapse"] if goes_on else [None])


async def test_tokens_that_are_kept_are_counted_in_the_question(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await shown(pilot, "is:renewal", 3)
        records = [*main(pilot).ctx.store.ui_reader.records("tokens", main(pilot).rows.ids).values()]
        await main(pilot).ctx.desk.note("token", records[:2], {"decision": "keep"}, "the decision")
        await pilot.press("asterisk", "L")
        words = await confirmed(pilot)
        assert "2 tokens have the decision keep. Letting them lapse goes against that. Let 3 tokens lapse" in words
        await wait_until(pilot, lambda: [row["renewal"] for row in notes(small)] == ["lapse"] * 3)


async def test_the_key_bar_names_the_keys_where_renewals_are_shown(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        assert "renew" not in text_of(pilot, "#keys")
        await shown(pilot, "is:renewal", 3)
        assert "a Ask to renew  L Let it lapse" in text_of(pilot, "#keys")
        await shown(pilot, "", 30)
        assert "renew" not in text_of(pilot, "#keys")


async def test_renewals_work_in_two_panes_only(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("2")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "users")
        await pilot.press("a", "L")
        await wait_until(pilot, lambda: "Let it lapse works in Tokens (1) and Credentials (6)." in said(pilot))
        assert "Ask to renew works in Tokens (1) and Credentials (6)." in said(pilot)


# --- the note


async def test_the_note_has_a_renewal_where_one_is_due_or_noted(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await shown(pilot, "-is:renewal", 27)
        await pilot.press("e")
        assert not (await form(pilot)).query("#renewal")
        await pilot.press("escape")
        await closed(pilot)
        await shown(pilot, "is:renewal", 3)
        await pilot.press("e")
        (await form(pilot)).query_one("#renewal", Choice).focus()
        await pilot.press("p", "enter")
        await closed(pilot)
        assert last_entry(small) == {"renewal": "promised"}
        await shown(pilot, "renewal:promised", 1)
        await wait_until(pilot, lambda: "promised, as noted" in text_of(pilot, "#details"))
        await pilot.press("e")
        page = await form(pilot)
        assert page.query_one("#renewal", Choice).value == "promised"
        page.query_one("#renewal", Choice).focus()
        await pilot.press("n", "enter")
        await closed(pilot)
        assert notes(small) == []


async def test_a_renewal_that_was_noted_stays_in_the_form_when_nothing_is_due(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await shown(pilot, "-is:renewal", 27)
        record = main(pilot).ctx.store.ui_reader.records("tokens", main(pilot).rows.ids[:1])
        await main(pilot).ctx.desk.note("token", [*record.values()], {"renewal": "lapse"}, "that it may lapse")
        await pilot.press("space", "space", "e")
        page = await form(pilot)
        assert page.query_one("#renewal", Choice).value == ""  # the second has none
        await pilot.press("escape")
        await closed(pilot)


async def test_a_user_has_no_renewal(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("2")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "users" and main(pilot).rows.ids)
        await until_settled(pilot.app)
        await pilot.press("e")
        assert not (await form(pilot)).query("#renewal")


async def test_the_note_of_a_credential_says_what_it_replaces(settings: Settings) -> None:
    now = int(NOW.timestamp())
    async with opened(app_on(settings)) as pilot:
        await on_credentials(pilot)
        reader = main(pilot).ctx.store.ui_reader
        listed = reader.records("credentials", main(pilot).rows.ids).values()
        found = {record: predecessors(reader, "credential", [record], now) for record in listed}
        new, old = next((record, olds[0]) for record, olds in found.items() if olds)
        await shown(pilot, f"record:{new}", 1)
        await pilot.press("e")
        page = await form(pilot)
        page.query_one("#replaces", Input).focus()
        await wait_until(pilot, lambda: "The credential that this one replaces." in dialog(pilot))
        page.query_one("#replaces", Input).value = old.words
        await pilot.pause()
        await pilot.press("enter")
        await closed(pilot)
        assert last_entry(settings) == {"replaces": old.record}
        await shown(pilot, "renewal:renewed", 1)


# --- what the rule wrote


def replaced(settings: Settings) -> dict[object, object]:
    return {row["subject"]: row["replaces"] for row in notes(settings)}


async def test_a_take_over_is_undone_from_the_palette_and_never_made_again(tmp_path: Path) -> None:
    settings = renewed_home(tmp_path / "home")
    assert "nightly export" in run_rule(settings)
    assert replaced(settings) == {OLD: None, NEW: OLD}
    async with opened(app_on(settings)) as pilot:
        await shown(pilot, f"id:{NEW}", 1)
        await palette(pilot, "undo take-over")
        await wait_until(pilot, lambda: "Undone: 1 take-over" in said(pilot))
        assert replaced(settings) == {OLD: None}
        assert run_rule(settings) == ""
        await shown(pilot, f"id:{NEW} is:no-purpose", 1)
        await shown(pilot, "renewal:renewed", 0)
        await pilot.press("u")
        await wait_until(pilot, lambda: replaced(settings) == {OLD: None, NEW: OLD})


async def test_what_the_rule_did_not_write_is_not_undone(tmp_path: Path) -> None:
    settings = renewed_home(tmp_path / "home")
    with Desk(settings.paths.desk, author="admin") as desk:
        write_note(desk, "token", [OTHER], {"replaces": OLD})
    async with opened(app_on(settings)) as pilot:
        await shown(pilot, f"id:{OTHER}", 1)
        await palette(pilot, "undo take-over")
        await wait_until(pilot, lambda: "The rule for renewals wrote nothing here." in said(pilot))
        assert replaced(settings)[OTHER] == OLD
        await pilot.press("u")
        await wait_until(pilot, lambda: "Nothing to undo in this session" in said(pilot))

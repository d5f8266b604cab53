"""The note form: one row and many, undo, and any text."""

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from tests.database import database
from tests.practice import NOW, organization, practice, pull_quietly, settings_in
from tests.tui.driver import app_on, closed, form, last_entry, main, notes, notices, opened, reader, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.tui.widgets.choice import Choice

EVIL = (
    "[bold red]x[/nope] \x1b[31m\x1b]0;t\x07 \u202eabc \u200f \U0001f469\u200d\U0001f4bb =1+1 ' \" \\ "
    "\u0645\u0631\u062d\u0628\u0627"
)


async def test_only_touched_fields_are_written_on_all_marked_rows(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("e")
        await form(pilot)
        await pilot.press(*"books", "tab", "tab", *"ci, night", "enter")
        await closed(pilot)
        assert last_entry(settings) == {"purpose": "books", "tag:ci": True, "tag:night": True}
        await pilot.press("space", "space", "space", "e")
        shown = await form(pilot)
        purpose = shown.query_one("#purpose", Input)
        assert (purpose.value, purpose.placeholder) == ("", "(various)")
        await pilot.press("tab", "tab", *"old", "tab", "m", "tab", *"int", "right", "tab", *"30d", "enter")
        await closed(pilot)
        entry = last_entry(settings)
        assert {**entry, "target": "x"} == {
            "tag:old": True,
            "decision": "move",
            "target": "x",
            "review_by": "2026-12-23",
        }
        assert [row["purpose"] for row in notes(settings)].count("books") == 1
        assert len(notes(settings)) == 3
        await pilot.press("u")
        await wait_until(pilot, lambda: [row["decision"] for row in notes(settings)] == [None])
        await pilot.press("u")
        await wait_until(pilot, lambda: notes(settings) == [])
        await pilot.press("u")
        await wait_until(pilot, lambda: "Nothing to undo" in str([n.message for n in notices(pilot)]))


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 36), (140, 40)])
async def test_the_buttons_of_the_form_are_on_screen_at_every_size(small: Settings, size: tuple[int, int]) -> None:
    async with opened(app_on(small), size) as pilot:
        await pilot.press("e")
        (await form(pilot)).query_one("#decision", Choice).focus()
        await pilot.press("m", "enter")  # there is one field more to show, and what is wrong with it
        await wait_until(pilot, lambda: "Choose where its owner moves to" in text_of(pilot, ".dialog"))
        assert "Cancel " in text_of(pilot, ".dialog")


async def test_a_form_full_of_errors_keeps_its_buttons_on_screen(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        await pilot.press("e")
        shown = await form(pilot)
        shown.query_one("#decision", Choice).value = "move"
        for name in ("review_by", "asked_on", "reply_by"):
            shown.query_one(f"#{name}", Input).value = "tomorow"
        await pilot.pause()
        await pilot.press("enter")
        await wait_until(pilot, lambda: sum(each.display for each in shown.query(".form-error")) == 4)
        await wait_until(pilot, lambda: "Cancel " in text_of(pilot, ".dialog"))


async def test_a_form_says_what_is_wrong_under_the_field_and_loses_nothing_at_the_first_escape(
    settings: Settings,
) -> None:
    async with opened(app_on(settings), (80, 24)) as pilot:
        await pilot.press("e")
        shown = await form(pilot)
        shown.query_one("#review_by", Input).value = "tomorow"
        shown.query_one("#decision", Choice).value = "move"
        await pilot.pause()
        await pilot.press("enter")
        assert "Not a valid date" in str(shown.query_one("#error-review_by").render())
        assert "Choose where its owner moves to" in str(shown.query_one("#error-target").render())
        await pilot.press("escape")
        assert pilot.app.screen is shown
        await pilot.press("escape")
        await closed(pilot)
        assert notes(settings) == []


async def test_text_of_any_kind_comes_back_unchanged_and_is_drawn_harmlessly(settings: Settings) -> None:
    remarks = EVIL + "\nsecond line\n\n" + "ä" * 9_000
    async with opened(app_on(settings), (140, 60)) as pilot:
        await pilot.press("e")
        shown = await form(pilot)
        shown.query_one("#purpose", Input).value = EVIL
        shown.query_one("#remarks", TextArea).load_text(remarks)
        shown.query_one("#tags", Input).value = "[b]x[/nope], b"
        await pilot.pause()
        drawn = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert "␛[31m" in drawn
        assert not {"\x1b", "\x07", "\u202e", "\u200f"} & set(drawn)
        await pilot.press("enter")
        await closed(pilot)
        (note,) = notes(settings)
        assert (note["purpose"], note["remarks"]) == (EVIL, remarks)
        await wait_until(pilot, lambda: "second line" in text_of(pilot, "#details"))
        assert "\x1b" not in text_of(pilot, "#details") + text_of(pilot, "#list")
        # Opened again and left without a change, nothing is written.
        await pilot.press("e")
        await form(pilot)
        await pilot.press("escape")
        await closed(pilot)
        assert notes(settings) == [note]


async def test_users_have_notes_too_and_what_was_used_before_is_offered(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("e")
        await form(pilot)
        await pilot.press(*"nightly export", "enter")
        await closed(pilot)
        await pilot.press("2")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "users" and len(main(pilot).rows.ids) == 300)
        await pilot.press("e")
        await form(pilot)
        await pilot.press("down", "enter")
        await closed(pilot)
        assert {(row["about"], row["purpose"]) for row in notes(settings)} == {
            ("token", "nightly export"),
            ("user", "nightly export"),
        }


async def test_a_token_made_anew_carries_on_the_note_of_the_one_before_by_one_key(tmp_path: Path) -> None:
    made = organization(300, 60)
    found = settings_in(tmp_path)
    with practice(made) as access:
        await pull_quietly(found, access)
    with database(found.paths.snapshot) as db:
        old, new = db.execute(
            "SELECT a.token_id, b.token_id FROM token AS a JOIN token AS b ON b.user = a.user AND b.created > a.created"
        ).fetchone()
        # The organization of the practice has no rotated token at hand: the older one is made to end, with one label.
        db.execute("UPDATE token SET label = 'nightly export' WHERE token_id IN (?, ?)", (old, new))
        db.execute("UPDATE token SET expires = ? WHERE token_id = ?", (int(NOW.timestamp()) + 86_400, old))
    with Desk(found.paths.desk) as desk:
        write_note(desk, "token", [old], {"purpose": "closes the books"})
    async with opened(app_on(found)) as pilot:
        row_id = reader(pilot).find("tokens", new)
        assert row_id is not None
        main(pilot).rows.go_to(row_id)
        await pilot.press("e")
        shown = await form(pilot)
        assert "may carry on nightly export" in str(shown.query_one("#suggested-purpose").render())
        await pilot.press("ctrl+t", "enter")
        await closed(pilot)
    assert {(row["subject"], row["purpose"], row["replaces"]) for row in notes(found)} == {
        (old, "closes the books", None),
        (new, "closes the books", old),
    }


async def test_a_very_long_note_leaves_room_for_the_other_facts(settings: Settings) -> None:
    with Desk(settings.paths.desk, author="admin") as desk:
        with database(settings.paths.snapshot) as db:
            ids = db.execute("SELECT token_id FROM token").fetchall()
        write_note(desk, "token", [token for (token,) in ids], {"remarks": "why " * 2500})
    async with opened(app_on(settings)) as pilot:
        await wait_until(pilot, lambda: "9,840 more" in text_of(pilot, "#details"))
        await wait_until(pilot, lambda: "last used" in text_of(pilot, "#details"))
        await pilot.press("t")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2 and "9,840 more" in text_of(pilot, "#card"))
        assert "token id" in text_of(pilot, "#card")

"""Letters and audit events from the palette."""

from pathlib import Path

from textual.widgets import Input

from tests.tui.driver import app_on, closed, form, main, notes, opened, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.widgets.choice import Choice


async def test_letters_are_written_and_those_asked_recorded_in_one_step(settings: Settings, tmp_path: Path) -> None:
    async with opened(app_on(settings)) as pilot:
        main(pilot).set_filter("used:<30d")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 60)
        await main(pilot).action_flow("letters.write")
        shown = await form(pilot)
        shown.query_one("#folder", Input).value = str(tmp_path / "letters")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        written = sorted((tmp_path / "letters").iterdir())
        assert written
        assert "Reply" not in written[0].name
        await pilot.press("enter")
        await closed(pilot)
        await wait_until(pilot, lambda: notes(settings))
        asked = notes(settings)
        assert {(row["decision"], row["asked_on"], row["reply_by"]) for row in asked} == {
            ("ask", "2026-11-23", "2026-12-07")
        }
        assert len(asked) >= len(written)
        await wait_until(pilot, lambda: "waiting" in text_of(pilot, "#scope"))
        await pilot.press("u")
        await wait_until(pilot, lambda: notes(settings) == [])
        # Files that are there already are never overwritten: the form stays and says so.
        await main(pilot).action_flow("letters.write")
        shown = await form(pilot)
        shown.query_one("#folder", Input).value = str(tmp_path / "letters")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is there already" in str(shown.query_one("#form-hint").render()))
        shown.query_one("#form", Choice).value = "table"
        await pilot.pause()
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert (tmp_path / "letters" / "letters.csv").exists()
        await pilot.press("escape")
        await closed(pilot)
        assert notes(settings) == []

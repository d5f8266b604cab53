"""What stops if a policy blocks tokens, with a key for each step before it."""

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.driver import Pulled, app_on, main, opened, reader, said, text_of, wait_until
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.tui.screens.readiness import ReadinessScreen
from tokendesk.tui.screens.review import ReviewScreen


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_a_step_shows_its_tokens_and_the_report_says_the_same(
    pulled: Pulled, size: tuple[int, int], tmp_path: Path
) -> None:
    async with opened(app_on(pulled[0]), size) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "policies")
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadinessScreen))
        page = pilot.app.screen
        assert isinstance(page, ReadinessScreen)
        sentences = page.found.sentences("there")
        assert " ".join(sentences) in " ".join(text_of(pilot, "#sentence").split())
        await pilot.press("tab", "w")
        file = tmp_path / "readiness.md"
        pilot.app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Written: " in said(pilot))
        assert all(said in file.read_text("utf-8") for said in page.found.sentences("in Default"))
        step = page.found.steps[0]
        await pilot.press("1")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "tokens" and main(pilot).rows.ids)
        assert len(main(pilot).rows.ids) == step.tokens
        await pilot.press("escape")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "policies")


async def test_what_was_decided_is_reviewed_from_the_page(pulled: Pulled) -> None:
    settings, made = pulled
    async with opened(app_on(settings)) as pilot:
        near = reader(pilot)
        token = near.db.execute(
            "SELECT token_id FROM token_row WHERE policy_name = 'Default' AND owner_status = 'active' LIMIT 1"
        ).fetchone()[0]
        with Desk(settings.paths.desk, author="admin") as desk:
            target = {"decision": "move", "target": made.policies[2].id}
            entry = write_note(desk, "token", [token], target)
            try:
                await pilot.press("3", "c")
                await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadinessScreen))
                page = pilot.app.screen
                assert isinstance(page, ReadinessScreen)
                number = next(n for n, step in enumerate(page.found.steps, 1) if step.plan == "move")
                await pilot.press(str(number))
                await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
                assert "Move 1 user to Contractors" in text_of(pilot, "#title")
                await pilot.press("escape")
                await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadinessScreen))
            finally:
                desk.append("undo", {"entry": entry.entry_id})


async def test_enter_takes_the_first_step_without_a_step_of_the_cursor_before(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0]), (80, 24)) as pilot:
        await pilot.press("3", "c")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadinessScreen))
        page = pilot.app.screen
        assert isinstance(page, ReadinessScreen)
        await wait_until(pilot, lambda: "enter" in text_of(pilot, "#keys"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "tokens" and main(pilot).rows.ids)
        assert len(main(pilot).rows.ids) == page.found.steps[0].tokens

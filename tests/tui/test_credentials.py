"""The credentials pane, by keys."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.credentials_served import LISTED, Instead, of_status, pulled_lists
from tests.database import database
from tests.practice import organization, pull_quietly, serving_access, settings_in
from tests.tui.driver import app_on, closed, form, main, opened, text_of, wait_until
from tokendesk.config import Settings


@pytest.fixture
def listed(tmp_path: Path) -> Settings:
    return pulled_lists(tmp_path)


async def on_credentials(pilot: Pilot[int], rows: int = 10) -> None:
    await pilot.press("6")
    shown = main(pilot)
    await wait_until(pilot, lambda: shown.query_shown.pane == "credentials" and len(shown.rows.ids) == rows)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_the_pane_is_named_where_it_is_shown(listed: Settings, size: tuple[int, int]) -> None:
    async with opened(app_on(listed), size) as pilot:
        await on_credentials(pilot)
        await wait_until(pilot, lambda: "6 Credentials" in text_of(pilot, "#tabs"))
        assert "SIEM" in text_of(pilot, "#list")


async def test_a_note_with_a_decision_is_written_on_marked_rows_and_undone(listed: Settings) -> None:
    async with opened(app_on(listed)) as pilot:
        await on_credentials(pilot)
        await pilot.press("space", "space", "e")
        await form(pilot)
        await pilot.press(*"Feeds it", "tab", "tab", "tab", "r", "r", "enter")
        await closed(pilot)
        with database(listed.paths.desk) as db:
            found = db.execute("SELECT about, purpose, decision FROM note").fetchall()
        assert found == [("credential", "Feeds it", "retire")] * 2
        await pilot.press("u")
        await wait_until(pilot, lambda: "Feeds it" not in text_of(pilot, "#list"))


async def test_enter_leads_from_an_account_to_its_tokens_and_back(listed: Settings) -> None:
    async with opened(app_on(listed)) as pilot:
        await on_credentials(pilot)
        await pilot.press("slash", *"kind:service-account importer", "enter")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 3)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1)


async def test_what_could_not_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with serving_access(organization(), Instead(of_status(402))) as access:
        await pull_quietly(settings, access)
    async with opened(app_on(settings)) as pilot:
        await on_credentials(pilot, rows=0)
        await wait_until(pilot, lambda: "API keys: not read" in text_of(pilot, "#scope"))
        said = " ".join(text_of(pilot, "#list").replace("│", " ").split())
        assert "OAuth clients of service accounts" in said
        assert "plan does not include this" in said
        assert "not all lists read" in text_of(pilot, "#title")


async def test_the_end_of_our_own_key_stands_in_the_title(listed: Settings) -> None:
    async with opened(app_on(listed._replace(key_label=LISTED["api-keys"][0]["label"], profile="default"))) as pilot:
        await wait_until(pilot, lambda: "our API key ends in 16 d" in text_of(pilot, "#title"))


async def test_i_copies_the_id_without_its_kind(listed: Settings) -> None:
    async with opened(app_on(listed)) as pilot:
        await on_credentials(pilot)
        await pilot.press("i")
        await wait_until(pilot, lambda: pilot.app.clipboard == "k4")

"""`:check`: what the key can do, on the screens."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Static

from tests.practice import organization, pull_quietly, serving_access, settings_in
from tests.tui.driver import app_on, main, opened, palette, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.running.access import ApiAccess
from tokendesk.sandbox.faults import with_faults
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.capabilities import CapabilitiesScreen


async def pulled(tmp_path: Path, access: ApiAccess) -> Settings:
    settings = settings_in(tmp_path)
    await pull_quietly(settings, access)
    return settings


async def asked(pilot: Pilot[int]) -> str:
    """Open it by the list of commands and return what it says."""
    await palette(pilot, "check")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, CapabilitiesScreen))
    text = pilot.app.screen.query_one("#capabilities", Static)
    await wait_until(pilot, lambda: "Checking" not in str(text.render()))
    return str(text.render())


@pytest.fixture
def whole() -> Callable[[ASGIApp], ASGIApp]:
    return with_faults([])


async def test_it_says_what_the_command_says(tmp_path: Path, whole: Callable[[ASGIApp], ASGIApp]) -> None:
    with serving_access(organization(40, 6), whole) as access:
        settings = await pulled(tmp_path, access)
        async with opened(app_on(settings, access)) as pilot:
            said = await asked(pilot)
            assert "tokens            yes      GET api-tokens" in said
            assert "policies          yes      POST bulk-fetch" in said
            assert "revoke tokens     yes" in said
            await wait_until(pilot, lambda: "policies          yes" in text_of(pilot, "#capabilities"))
            await pilot.press("escape")
            await wait_until(pilot, lambda: pilot.app.screen is main(pilot))


async def test_what_does_not_fit_is_scrolled_to(tmp_path: Path, whole: Callable[[ASGIApp], ASGIApp]) -> None:
    with serving_access(organization(40, 6), whole) as access:
        settings = await pulled(tmp_path, access)
        async with opened(app_on(settings, access), size=(80, 16)) as pilot:
            rows = len((await asked(pilot)).splitlines())
            page = pilot.app.screen.query_one(VerticalScroll)
            await wait_until(pilot, lambda: page.max_scroll_y >= rows - page.size.height > 0)
            await pilot.press("down")
            await wait_until(pilot, lambda: page.scroll_y == 1)
            await pilot.press("pagedown", "pagedown", "pagedown")
            await wait_until(pilot, lambda: page.scroll_y == page.max_scroll_y)
            await pilot.press("pageup", "pageup", "pageup")
            await wait_until(pilot, lambda: page.scroll_y == 0)


async def test_without_a_way_it_says_why_there_is_none(tmp_path: Path, whole: Callable[[ASGIApp], ASGIApp]) -> None:
    with serving_access(organization(40, 6), whole) as access:
        settings = await pulled(tmp_path, access)
    app = TokendeskApp(settings, offline_reason="There is no API key. Set TOKENDESK_API_KEY.")
    async with opened(app) as pilot:
        assert "There is no API key. Set TOKENDESK_API_KEY." in await asked(pilot)


async def test_a_server_that_fails_is_told_in_the_dialog(tmp_path: Path, whole: Callable[[ASGIApp], ASGIApp]) -> None:
    with serving_access(organization(40, 6), whole) as access:
        settings = await pulled(tmp_path, access)
    with serving_access(organization(40, 6), with_faults(["redirect"])) as access:
        async with opened(app_on(settings, access)) as pilot:
            assert "the server redirects" in await asked(pilot)


async def test_it_can_be_left_while_it_asks(tmp_path: Path, whole: Callable[[ASGIApp], ASGIApp]) -> None:
    with serving_access(organization(40, 6), whole) as access:
        settings = await pulled(tmp_path, access)
    with serving_access(organization(40, 6), with_faults(["never-answers"])) as access:
        async with opened(app_on(settings, access)) as pilot:
            await main(pilot).action_flow("key.check")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, CapabilitiesScreen))
            await pilot.press("escape")
            await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
            await pilot.press("j")
            assert main(pilot).rows.cursor == 1

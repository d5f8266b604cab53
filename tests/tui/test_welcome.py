"""The first screen of a new user."""

import asyncio
from pathlib import Path

from textual.widgets import Input, Static

from tests.practice import NOW, organization, practice, pull_quietly, settings_in
from tests.tui.driver import wait_until
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.tui.welcome import WelcomeApp


async def test_enter_starts_what_is_chosen_and_escape_leaves(tmp_path: Path) -> None:
    for keys, chosen in ((("enter",), ["demo"]), (("j", "enter"), ["init"]), (("escape",), None), (("q",), None)):
        app = WelcomeApp(settings_in(tmp_path))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
        assert app.return_value == chosen


async def test_a_file_that_is_no_snapshot_is_named_and_one_that_is_opened(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(40, 5)) as access:
        await pull_quietly(settings, access)
    file = tmp_path / "acme.tkd"
    await asyncio.to_thread(save_snapshot, settings.paths, file, with_notes=False, at=NOW)
    app = WelcomeApp(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "enter")
        await wait_until(pilot, lambda: app.query_one(Input).has_focus)
        app.query_one(Input).value = str(tmp_path / "nowhere")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is not there" in str(app.query_one("#problem", Static).render()))
        app.query_one(Input).value = str(file)
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == ["open", str(file)]

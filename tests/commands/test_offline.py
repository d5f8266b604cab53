"""Without a server and with a read-only cache folder, everything except pulling works."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.practice import name_policies, organization, practice, pull_quietly, settings_in
from tests.tui.driver import app_on, main, opened, text_of, wait_until
from tokendesk.cli import main as command
from tokendesk.config import Settings
from tokendesk.reporting.formats import FORMATS
from tokendesk.views.query import PANES

FILTERS = {
    "tokens": "idle:>90d or used:never",
    "users": "tokens:>1 -status:deactivated",
    "policies": "users:>0",
    "changes": "kind:gone",
    "journal": "at:<1y",
    "credentials": "ends:<1y -used:never",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Settings, Path]]:
    """A profile whose server is gone, with its snapshot in a folder of its own that nothing may be written to.

    Rights alone do not stop root, so that what lies in the folder is compared as well.
    """
    made = organization(150, 30)
    settings = settings_in(tmp_path, "default")
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
        made.revoke(made.tokens.id(next(life.number for _, life in made.living())))
        asyncio.run(pull_quietly(settings, access))
    name_policies(settings, made)
    cache = tmp_path / "cache"
    cache.mkdir()
    shutil.move(settings.paths.snapshot, cache / "snapshot.sqlite")
    settings.paths.snapshot.symlink_to(cache / "snapshot.sqlite")
    cache.chmod(0o500)
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENDESK_API_URL", access.api_url)
    before = contents(cache)
    yield settings, cache
    assert contents(cache) == before
    cache.chmod(0o700)


def test_every_pane_filter_and_report_works_without_a_server(
    cut_off: tuple[Settings, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for pane in PANES:
        for form in FORMATS:
            target = tmp_path / f"{pane}.{form}"
            assert command(["list", pane, "--format", form, "-o", str(target)]) == 0
            assert target.exists()
        assert command(["list", pane, FILTERS[pane], "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert len(found) == 0 if pane == "journal" else len(found) > 0, pane
    assert command(["note", "used:never", "--purpose", "written on a plane"]) == 0
    assert command(["list", "tokens", "purpose:plane", "--format", "jsonl"]) == 0
    assert "written on a plane" in capsys.readouterr().out
    assert command(["snapshot", "save", str(tmp_path / "plane.tkd"), "--with-notes"]) == 0
    assert command(["list", "tokens", "purpose:plane", "--file", str(tmp_path / "plane.tkd")]) == 0


async def test_the_screens_work_without_a_server(cut_off: tuple[Settings, Path]) -> None:
    async with opened(app_on(cut_off[0])) as pilot:
        screen = main(pilot)
        for number, pane in enumerate(PANES, 1):
            await pilot.press(str(number))
            await wait_until(pilot, lambda pane=pane: screen.query_shown.pane == pane)
            screen.query_one("#filter", Input).value = FILTERS[pane]
            await wait_until(pilot, lambda pane=pane: screen.query_shown.filter == FILTERS[pane])
            await wait_until(pilot, lambda pane=pane: bool(screen.rows.ids) or pane == "journal")
        await pilot.press("1", "e")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press(*"on a plane", "enter")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1 and "on a plane" in text_of(pilot, "#details"))

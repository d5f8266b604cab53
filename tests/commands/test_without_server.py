"""Without the extra `demo` there is no web server, and everything but the practice organization works."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.practice import organization, practice, pulled_home
from tests.without_server import copy_needed, run_there
from tokendesk.commands.registry import COMMANDS

MISSING = "tokendesk: The practice organization needs a web server, which is not installed. Add it with: "

SCREENS = """
import asyncio
from importlib.util import find_spec
from tokendesk.commands import browse

async def look(app):
    async with app.run_test(size=(140, 40)) as pilot:
        await app.screen.ready.wait()
        while not app.screen.rows.ids:
            await pilot.pause()
        print(len(app.screen.rows.ids), app.connection.offline_reason)
        await pilot.press("q")

browse.has_terminal = lambda: True  # Textual's pilot takes its place
from tokendesk.tui.app import TokendeskApp
TokendeskApp.run = lambda app: asyncio.run(look(app))
from tokendesk.cli import main
assert find_spec("starlette") is None and find_spec("uvicorn") is None
raise SystemExit(main([]))
"""

WELCOME = """
import asyncio
from textual.widgets import Static
from tokendesk.config import load_settings
from tokendesk.tui.welcome import WelcomeApp

async def look():
    app = WelcomeApp(load_settings(None))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        print(app.query_one("#problem", Static).render())
        await pilot.press("escape")
    assert app.return_value is None

asyncio.run(look())
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    copy_needed(folder)
    return folder


def run(packages: Path, home: Path, *arguments: str, **environ: str) -> Any:
    return run_there(packages, ["-m", "tokendesk", *arguments], {"TOKENDESK_HOME": str(home), **environ})


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo"],
        ["demo", "--reset"],
        ["sandbox", "--port", "0"],
        ["pull", "--profile", "demo"],
        ["check", "--profile", "demo"],
    ],
    ids=" ".join,
)
def test_what_needs_the_server_gives_the_line_that_adds_it(
    packages: Path, tmp_path: Path, arguments: list[str]
) -> None:
    kept = tmp_path / "demo" / "ui.json"
    kept.parent.mkdir(mode=0o700)
    kept.write_text("{}", "utf-8")
    done = run(packages, tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(MISSING)
    assert 'pip install "SOURCE[demo]"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert kept.exists()


def test_a_team_database_gives_the_line_that_adds_its_package(packages: Path, tmp_path: Path) -> None:
    done = run(packages, tmp_path, "team", "init", "postgresql://owner@localhost/tokendesk")
    assert done.returncode == 2
    assert 'pip install "SOURCE[team]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_each_command_can_explain_itself(packages: Path, tmp_path: Path) -> None:
    script = "\n".join(
        [
            "from tokendesk.cli import main",
            f"print([main([name, '--help']) for name in {[command.name for command in COMMANDS]!r}])",
        ]
    )
    done = run_there(packages, ["-c", script], {"TOKENDESK_HOME": str(tmp_path)})
    assert done.stderr == ""
    assert set(json.loads(done.stdout.splitlines()[-1])) == {0}


def test_pull_and_list_work(packages: Path, tmp_path: Path) -> None:
    with practice(organization(60, 20)) as access:
        own = {
            "TOKENDESK_API_URL": access.api_url,
            "TOKENDESK_ORG_ID": access.org_id,
            "TOKENDESK_API_KEY": access.key.reveal(),
        }
        for arguments in (["check"], ["pull"], ["pull", "--events"]):
            done = run(packages, tmp_path, *arguments, **own)
            assert done.returncode == 0, done.stderr
    done = run(packages, tmp_path, "list", "tokens", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 20


def test_the_screens_show_a_practice_organization_that_was_pulled_before(packages: Path, tmp_path: Path) -> None:
    pulled_home(tmp_path, 60, 20)
    done = run_there(packages, ["-c", SCREENS], {"TOKENDESK_HOME": str(tmp_path), "TOKENDESK_PROFILE": "demo"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"20 Browsing the snapshot only. {MISSING.removeprefix('tokendesk: ')}")


def test_the_welcome_screen_says_it_and_stays(packages: Path, tmp_path: Path) -> None:
    done = run_there(packages, ["-c", WELCOME], {"TOKENDESK_HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(MISSING.removeprefix("tokendesk: "))

"""Untrusted text in notices, titles and the palette is never markup."""

import ast
import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets._toast import Toast

from tests.practice import organization, pull_quietly, serving_access, settings_in
from tests.tui.driver import app_on, main, wait_until
from tokendesk.config import Settings
from tokendesk.running.access import ApiAccess
from tokendesk.tui import app as application
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.saved_views import SavedView
from tokendesk.views.query import Query

SOURCE = Path(application.__file__).parent
MARKUP = "[/b] [red]no[/red] [@click=app.quit]here[/] [\x1b[31m"


class Refusing:
    """Answers each request with a 400 whose message looks like markup, once `on` is set."""

    def __init__(self) -> None:
        self.on = False

    def __call__(self, inner: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not self.on or scope["type"] != "http":
                await inner(scope, receive, send)
                return
            body = json.dumps({"code": 400, "message": MARKUP}).encode()
            await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"text/json")]})
            await send({"type": "http.response.body", "body": body})

        return answer


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[tuple[Settings, ApiAccess]]:
    settings, answers = settings_in(tmp_path), Refusing()
    with serving_access(organization(30, 6), answers) as access:
        asyncio.run(pull_quietly(settings, access))
        answers.on = True
        yield settings, access


@asynccontextmanager
async def opened(app: TokendeskApp) -> AsyncIterator[Pilot[int]]:
    """Open the screens with the notices drawn, which tests leave out otherwise."""
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: main(pilot).ready.is_set() and main(pilot).rows.ids)
        yield pilot


def notices(pilot: Pilot[int]) -> list[str]:
    return [str(toast.render()) for toast in pilot.app.screen.query(Toast)]


@pytest.mark.parametrize("key", ["ctrl+r", "events"])
async def test_what_a_server_says_is_shown_as_it_is(key: str, refusing: tuple[Settings, ApiAccess]) -> None:
    settings, access = refusing
    async with opened(app_on(settings, access)) as pilot:
        if key == "events":
            await main(pilot).action_flow("events.pull")
        else:
            await pilot.press(key)
        await wait_until(pilot, lambda: notices(pilot))
        assert "[/b] [red]no[/red] [@click=app.quit]here[/] [␛[31m" in notices(pilot)[0]


async def test_every_way_to_a_notice_takes_any_text(refusing: tuple[Settings, ApiAccess]) -> None:
    async with opened(app_on(refusing[0])) as pilot:
        pilot.app.notify(MARKUP, title=MARKUP)
        pilot.app.screen.notify(MARKUP, title=MARKUP)
        main(pilot).rows.notify(MARKUP, title=MARKUP, markup=True)
        await wait_until(pilot, lambda: len(notices(pilot)) == 3)
        assert all(text.count("[/b]") == 2 for text in notices(pilot))


async def test_ctrl_c_says_how_to_quit(refusing: tuple[Settings, ApiAccess]) -> None:
    async with opened(app_on(refusing[0])) as pilot:
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: notices(pilot))
        assert notices(pilot) == ["Quit with q or ctrl+q."]


async def test_a_saved_filter_is_no_markup_in_the_list_of_commands(refusing: tuple[Settings, ApiAccess]) -> None:
    async with opened(app_on(refusing[0])) as pilot:
        view = SavedView("[/b] mine", Query("tokens", filter='label:"[/b]"'))
        pilot.app.ui_state.save_view(view)  # type: ignore[attr-defined]
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"mine")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Screen) and pilot.app.screen is not main(pilot))
        await pilot.press(*" label")
        await pilot.pause()
        assert pilot.app.is_running


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                yield path, node


def test_no_notice_decides_for_itself_what_is_markup() -> None:
    found = [
        f"{path.name}:{call.lineno}"
        for path, call in calls("notify")
        if any(keyword.arg == "markup" for keyword in call.keywords)
    ]
    assert len(found) == 1  # the application's own, which hands it to Textual
    assert found[0].startswith("app.py:")


def is_plain(node: ast.expr) -> bool:
    """A text of our own, whole in the source, without a bracket; or content that was made out of text."""
    if isinstance(node, ast.Constant):
        return "[" not in str(node.value)
    if isinstance(node, ast.IfExp):
        return is_plain(node.body) and is_plain(node.orelse)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Content"


OWN = {("grouped_rows.py", "WHAT"), ("panel.py", "title")}
"""Names whose values are texts of our own: constants of a screen, the words of an empty place."""


def test_no_title_of_a_border_is_markup() -> None:
    wrong = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
                continue
            name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            titled = node.targets[0].attr in ("border_title", "border_subtitle", "tooltip")
            if titled and not is_plain(node.value) and (path.name, name) not in OWN:
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []

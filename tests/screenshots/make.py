"""Makes the pictures in `screenshots/`: python -m tests.screenshots.make [FOLDER]

The real program on the practice organization, keys pressed as a person would, with the clock standing still.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.scope_pane import ScopePane

FOLDER = Path(__file__).parent.parent.parent / "screenshots"


@dataclass(frozen=True)
class Picture:
    keys: tuple[str, ...]
    size: tuple[int, int] = (140, 40)


PICTURES: Mapping[str, Picture] = {
    "tokens": Picture(("j", "j")),
    "filter": Picture(("slash", *"idle:>90d k8s", "enter")),
    "marks": Picture(("space", "space", "j", "space", "slash", *"policy:")),
    "changes": Picture(("4",), (100, 30)),
    "users": Picture(("2", "j", "j")),
    "policies": Picture(("3",)),
    "note": Picture(("j", "e", *"Nightly export for legal")),
    "help": Picture(("question_mark",)),
    "tokens-100x30": Picture(("j",), (100, 30)),
    "tokens-80x24": Picture(("j",), (80, 24)),
    "details-80x24": Picture(("j", "d"), (80, 24)),
    # From here on notes are written: each picture sees what the ones before left behind.
    "triage": Picture(
        ("3", "B", "1", "t", "p", *"Mails of the help desk", "enter", "r", "p", *"Code quality", "enter", "s")
    ),
    "triage-80x24": Picture(("t",), (80, 24)),
    "readiness": Picture(("3", "c")),
    "review": Picture(("2", "slash", *"token.used:<30d", "enter", "asterisk", "m", *"integ", "enter", "j", "j")),
    "review-80x24": Picture(("j", "j", "j", "space", "j", "space", "X"), (80, 24)),
    "apply": Picture(("j", "j", "j", "space", "j", "space", "X", "A"), (100, 30)),
}


_OPENING = "Btmrpc123X"


async def draw(picture: Picture, make_app: Callable[[], TokendeskApp]) -> str:
    app = make_app()
    async with app.run_test(size=picture.size) as pilot:
        await settle(pilot)
        for key in picture.keys:
            await pilot.press(key)
            if len(key) > 1 or key in _OPENING:
                await pilot.pause(0.15)  # another screen may be on its way, read in a thread
        await pilot.pause(0.2)
        return app.export_screenshot(title="tokendesk")


async def settle(pilot: Pilot[int]) -> None:
    """Until the first rows are there, and what comes after them: the counts and the details."""
    screen = pilot.app.screen
    while not (screen.query_one(RecordList).ids and any(scope.option_count > 1 for scope in screen.query(ScopePane))):
        await pilot.pause(0.01)
    await pilot.pause(0.2)


async def with_app(home: Path, then: Callable[[Callable[[], TokendeskApp]], Awaitable[None]]) -> None:
    """Pull the practice organization into `home` and call `then` with what makes an app on it."""
    made = organization()
    settings = settings_in(home)._replace(allow_writes=True)
    with practice(made) as way:
        await pull_quietly(settings, way)
        name_policies(settings, made)
        await then(lambda: still(TokendeskApp(settings, way, clock=lambda: int(NOW.timestamp()) + 240)))


def in_utc() -> None:
    """Times are shown as local ones, and every machine is somewhere else."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def still(app: TokendeskApp) -> TokendeskApp:
    """A cursor that blinks and a scroll that glides would make each picture another one."""
    app.animation_level = "none"
    return app


async def make_all(folder: Path) -> None:
    async def then(make_app: Callable[[], TokendeskApp]) -> None:
        for name, picture in PICTURES.items():
            (folder / f"{name}.svg").write_text(await draw(picture, make_app), "utf-8")

    with tempfile.TemporaryDirectory() as home:
        await with_app(Path(home), then)


if __name__ == "__main__":
    in_utc()
    asyncio.run(make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

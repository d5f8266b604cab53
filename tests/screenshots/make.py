"""Makes the pictures in `screenshots/`: python -m tests.screenshots.make [FOLDER]

The real program on the practice organization, keys pressed as a person would, with the clock standing still.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.practice import NOW, practice, pulled_home, settings_in
from tests.tui import idle
from tests.tui.idle import until_settled
from tokendesk.running.access import ApiAccess
from tokendesk.tui.app import TokendeskApp

idle.install()

FOLDER = Path(__file__).parent.parent.parent / "screenshots"


DEMO = "a new demo"


@dataclass(frozen=True)
class Picture:
    """`after` names a picture whose notes are there already, or DEMO: its past of 60 days is there."""

    keys: tuple[str, ...]
    size: tuple[int, int] = (140, 40)
    after: str = ""


PICTURES: Mapping[str, Picture] = {
    "tokens": Picture(("j", "j"), after=DEMO),
    "filter": Picture(("slash", *"idle:>90d k8s", "enter")),
    "marks": Picture(("space", "space", "j", "space", "slash", *"policy:")),
    "policies": Picture(("3",)),
    "note": Picture(("j", "e", *"Nightly export for legal")),
    "help": Picture(("question_mark",)),
    "details-80x24": Picture(("j", "d"), (80, 24)),
    "triage": Picture(
        ("3", "B", "1", "t", "p", *"Mails of the help desk", "enter", "r", "p", *"Code quality", "enter", "s")
    ),
    "triage-80x24": Picture(("t",), (80, 24), "triage"),
    "readiness": Picture(("3", "c"), after="triage"),
    "review": Picture(
        ("2", "slash", *"token.used:<30d", "enter", "asterisk", "m", *"integ", "enter", "j", "j"), after="triage"
    ),
    "review-80x24": Picture(("j", "j", "j", "space", "j", "space", "X"), (80, 24), "triage"),
    "apply": Picture(("j", "j", "j", "space", "j", "space", "X", "A"), (100, 30), "triage"),
}


SIZES = ((80, 24), (100, 30), (120, 36), (140, 40), (200, 50))
PAGES: Mapping[str, tuple[str, ...]] = {
    "tokens": ("j", "j"),
    "users": ("2", "j", "j"),
    "changes": ("4", "j"),
    "credentials": ("6", "j"),
    "groups": ("1", "l", "number_sign", "j"),
    "overview": ("escape", "0"),
}
"""Keys that lead from each page to the next; all are drawn at each of SIZES, from a new demo."""


def pages_at(size: tuple[int, int]) -> list[str]:
    return [f"{page}-{size[0]}x{size[1]}" for page in PAGES]


async def draw_pages(size: tuple[int, int]) -> dict[str, str]:
    """Return the pages at a size as SVG, by name: all are drawn in one session."""
    drawn = {}
    with TemporaryDirectory() as home, practice() as access:
        shutil.copytree(await _home(DEMO), home, dirs_exist_ok=True)
        async with _opened(Path(home), access, size) as (app, pilot):
            for name, keys in zip(pages_at(size), PAGES.values(), strict=True):
                await _press(app, pilot, keys)
                drawn[name] = app.export_screenshot(title="tokendesk")
    return drawn


async def draw(name: str) -> str:
    """Return the picture as SVG: the keys are pressed on a home of its own."""
    with TemporaryDirectory() as home, practice() as access:
        shutil.copytree(await _home(PICTURES[name].after), home, dirs_exist_ok=True)
        return await _draw(PICTURES[name], Path(home), access)


async def _draw(picture: Picture, home: Path, access: ApiAccess) -> str:
    async with _opened(home, access, picture.size) as (app, pilot):
        await _press(app, pilot, picture.keys)
        return app.export_screenshot(title="tokendesk")


@asynccontextmanager
async def _opened(
    home: Path, access: ApiAccess, size: tuple[int, int]
) -> AsyncIterator[tuple[TokendeskApp, Pilot[int]]]:
    settings = settings_in(home)._replace(allow_writes=True)
    app = TokendeskApp(settings, access, clock=lambda: int(NOW.timestamp()) + 240)
    app.animation_level = "none"  # a scroll that glides would make each picture another one
    async with app.run_test(size=size) as pilot:
        await until_settled(app)
        yield app, pilot


async def _press(app: TokendeskApp, pilot: Pilot[int], keys: Iterable[str]) -> None:
    for key in keys:
        await pilot.press(key)
    await until_settled(app)
    for field in [*app.screen.query(Input), *app.screen.query(TextArea)]:
        field.cursor_blink = False  # a slow machine would draw it while it is away
    await until_settled(app)


_homes: dict[str, TemporaryDirectory[str]] = {}


async def _home(after: str) -> str:
    """Return a folder with the practice organization as the picture `after` left it, or as it was pulled."""
    if after not in _homes:
        folder = TemporaryDirectory()
        if after == DEMO:
            await asyncio.to_thread(_make_demo, folder.name)
        elif after:
            with practice() as access:
                shutil.copytree(await _home(""), folder.name, dirs_exist_ok=True)
                await _draw(PICTURES[after], Path(folder.name), access)
        else:
            await asyncio.to_thread(pulled_home, Path(folder.name))
        _homes[after] = folder
    return _homes[after].name


def _make_demo(folder: str) -> None:
    """Make a demo as its command does, in a pipe; its clock is that of the pictures."""
    command = (sys.executable, "-m", "tokendesk", "demo", "--clock", NOW.isoformat())
    run(command, env={**os.environ, "TOKENDESK_HOME": folder}, stdin=DEVNULL, stdout=DEVNULL, check=True)


def in_utc() -> None:
    """Times are shown as local ones, and every machine is somewhere else."""
    os.environ["TZ"] = "UTC"
    time.tzset()


async def make_all(folder: Path) -> None:
    for name in PICTURES:
        (folder / f"{name}.svg").write_text(await draw(name), "utf-8")
    for size in SIZES:
        for name, drawn in (await draw_pages(size)).items():
            (folder / f"{name}.svg").write_text(drawn, "utf-8")


if __name__ == "__main__":
    in_utc()
    asyncio.run(make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

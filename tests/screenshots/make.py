"""Makes the pictures in `screenshots/`: python -m tests.screenshots.make [FOLDER]

The real program on the practice organization, keys pressed as a person would, with the clock standing still.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.widgets import Input, TextArea

from tests.practice import NOW, practice, pulled_home, settings_in
from tests.tui import idle
from tests.tui.idle import until_settled
from tokendesk.running.access import ApiAccess
from tokendesk.tui.app import TokendeskApp

idle.install()

FOLDER = Path(__file__).parent.parent.parent / "screenshots"


@dataclass(frozen=True)
class Picture:
    """`after` names a picture whose notes are there already."""

    keys: tuple[str, ...]
    size: tuple[int, int] = (140, 40)
    after: str = ""


PICTURES: Mapping[str, Picture] = {
    "tokens": Picture(("j", "j"), after="triage"),
    "tokens-120x36": Picture(("j",), (120, 36)),
    "groups": Picture(("l", "number_sign", "j"), (120, 36)),
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


async def draw(name: str) -> str:
    """Return the picture as SVG: the keys are pressed on a home of its own."""
    with TemporaryDirectory() as home, practice() as access:
        shutil.copytree(await _home(PICTURES[name].after), home, dirs_exist_ok=True)
        return await _draw(PICTURES[name], Path(home), access)


async def _draw(picture: Picture, home: Path, access: ApiAccess) -> str:
    settings = settings_in(home)._replace(allow_writes=True)
    app = TokendeskApp(settings, access, clock=lambda: int(NOW.timestamp()) + 240)
    app.animation_level = "none"  # a scroll that glides would make each picture another one
    async with app.run_test(size=picture.size) as pilot:
        await until_settled(app)
        for key in picture.keys:
            await pilot.press(key)
        await until_settled(app)
        for field in [*app.screen.query(Input), *app.screen.query(TextArea)]:
            field.cursor_blink = False  # a slow machine would draw it while it is away
        await until_settled(app)
        return app.export_screenshot(title="tokendesk")


_homes: dict[str, TemporaryDirectory[str]] = {}


async def _home(after: str) -> str:
    """Return a folder with the practice organization as the picture `after` left it, or as it was pulled."""
    if after not in _homes:
        folder = TemporaryDirectory()
        if after:
            with practice() as access:
                shutil.copytree(await _home(""), folder.name, dirs_exist_ok=True)
                await _draw(PICTURES[after], Path(folder.name), access)
        else:
            await asyncio.to_thread(pulled_home, Path(folder.name))
        _homes[after] = folder
    return _homes[after].name


def in_utc() -> None:
    """Times are shown as local ones, and every machine is somewhere else."""
    os.environ["TZ"] = "UTC"
    time.tzset()


async def make_all(folder: Path) -> None:
    for name in PICTURES:
        (folder / f"{name}.svg").write_text(await draw(name), "utf-8")


if __name__ == "__main__":
    in_utc()
    asyncio.run(make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

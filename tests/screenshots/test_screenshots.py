"""The pictures of the README are what the program draws today."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screenshots.make import FOLDER, PICTURES, draw, in_utc, with_app
from tokendesk.tui.app import TokendeskApp


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setenv("TZ", os.environ.get("TZ", ""))
    return in_utc


def text_of(svg: str) -> list[str]:
    """The characters of a picture, row by row: what differs reads better than markup does."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


async def test_every_picture_is_what_the_program_draws(tmp_path: Path, utc: Callable[[], None]) -> None:
    utc()
    stale: list[str] = []

    async def then(make_app: Callable[[], TokendeskApp]) -> None:
        for name, picture in PICTURES.items():
            drawn = await draw(picture, make_app)
            kept = (FOLDER / f"{name}.svg").read_text("utf-8")
            assert text_of(drawn) == text_of(kept), f"{name}: run python -m tests.screenshots.make"
            if drawn != kept:
                stale.append(name)

    try:
        await with_app(tmp_path, then)
    finally:
        time.tzset()
    assert stale == [], "colours or places changed: run python -m tests.screenshots.make"


def test_every_picture_has_a_maker() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES)

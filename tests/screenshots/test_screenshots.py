"""The README's pictures match what the program draws."""

import os
import re
import time
from collections.abc import Iterator

import pytest

from tests.needs import needs_zones
from tests.screenshots.make import FOLDER, PICTURES, SIZES, draw, draw_pages, in_utc, pages_at


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", os.environ.get("TZ", ""))
        in_utc()
        yield
    time.tzset()


def text_of(svg: str) -> list[str]:
    """The characters of a picture, row by row: what differs reads better than markup does."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@needs_zones
@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_is_what_the_program_draws(name: str, utc: None) -> None:
    drawn, kept = await draw(name), (FOLDER / f"{name}.svg").read_text("utf-8")
    assert text_of(drawn) == text_of(kept), "run python -m tests.screenshots.make"
    assert drawn == kept, "colours or places changed: run python -m tests.screenshots.make"


@needs_zones
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_pages_at_a_size_are_what_the_program_draws(size: tuple[int, int], utc: None) -> None:
    for name, drawn in (await draw_pages(size)).items():
        kept = (FOLDER / f"{name}.svg").read_text("utf-8")
        assert text_of(drawn) == text_of(kept), f"{name}: run python -m tests.screenshots.make"
        assert drawn == kept, f"{name}: colours or places changed: run python -m tests.screenshots.make"


def test_every_picture_has_a_maker() -> None:
    at_sizes = [name for size in SIZES for name in pages_at(size)]
    assert {path.stem for path in FOLDER.glob("*.svg")} == {*PICTURES, *at_sizes}

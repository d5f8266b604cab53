"""Untrusted text: each screen shows it as plain text."""

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.hostile_home import EVIL, hostile_home, obeyed
from tests.tui import idle
from tests.tui.driver import main, wait_until
from tokendesk.config import Settings, load_settings
from tokendesk.running.access import ApiAccess, open_access
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.edge import GuardedApp

SIGNS = "␛]2;title"
"""How what came from outside is drawn. Where only the last look at a line took it out, there is no sign."""
SCREENS = (
    "2",
    "3",
    "4",
    "5",
    "5 enter",
    "6",
    "6 n",
    "6 j enter",
    "3 enter",
    "2 m",
    "2 n",
    "Q",
    "1",
    "1 d",
    "1 X",
    "1 t",
    "1 E",
    "1 L",
    "1 colon",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with hostile_home(tmp_path, monkeypatch):
        yield tmp_path


def lines(pilot: Pilot[int]) -> str:
    """What is on the screen, all layers over one another as they are drawn."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


class Found(LineFilter):
    """Lines in which it was left to the last look to take something out: nobody sees that it was there."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        line = "".join(segment.text for segment in segments)
        if obeyed(line):
            self.lines.append(ascii(line))
        return segments


class Watched(TokendeskApp):
    CSS_PATH = str(Path(inspect.getfile(TokendeskApp)).with_name("app.tcss"))

    def __init__(self, settings: Settings, access: ApiAccess) -> None:
        super().__init__(settings, access)
        self.found = Found()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [self.found, *super().get_line_filters()]


async def test_no_screen_draws_what_a_terminal_would_obey(home: Path) -> None:
    settings = load_settings()
    with open_access(settings) as access:
        app = Watched(settings, access)
        async with app.run_test(size=(160, 45)) as pilot:
            await wait_until(pilot, lambda: main(pilot).rows.ids)
            for keys in SCREENS:
                await pilot.press(*keys.split())
                await idle.until_idle()
                drawn = lines(pilot)
                assert obeyed(drawn) == [], keys
                assert "[/markup]" in drawn or len(app.screen_stack) > 1, keys
                while len(app.screen_stack) > 1:
                    await pilot.press("escape")
                    await idle.until_idle()
            app.notify(EVIL, title=EVIL)
            await wait_until(pilot, lambda: SIGNS in lines(pilot))
            assert obeyed(lines(pilot)) == []
        assert app.found.lines == []


class Forgetful(GuardedApp[int]):
    """Draws what it is given, as a widget does whose author forgot to clean it."""

    def compose(self) -> ComposeResult:
        yield Static(f"label {EVIL} end", markup=False)
        yield Input(f"value {EVIL} end")

    def on_mount(self) -> None:
        self.query_one(Input).border_title = "\x1b]2;x"


async def test_a_widget_that_forgets_to_clean_its_text_draws_nothing_that_a_terminal_obeys() -> None:
    async with Forgetful().run_test(size=(80, 10)) as pilot:
        drawn = lines(pilot)
        assert obeyed(drawn) == []
        assert "label" in drawn and "value" in drawn
        assert {len(line) for line in drawn.split("\n")} == {80}


async def test_what_is_copied_runs_nothing_where_it_is_pasted() -> None:
    app = Forgetful()
    async with app.run_test():
        app.copy_to_clipboard(f"a\tb{EVIL}\nc")
        assert obeyed(app.clipboard.replace("\t", " ")) == []
        assert app.clipboard.startswith("a\tb␛]2;title")

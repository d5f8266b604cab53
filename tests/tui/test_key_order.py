"""Keys in one chunk have the same effect on every text line as one by one."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tests.tui.bursts import send_chunk, until_handled
from tokendesk.filtering.complete import Completion
from tokendesk.tui.edge import GuardedApp
from tokendesk.tui.widgets.editors import PlainTextArea, SuggestInput
from tokendesk.tui.widgets.filter_input import FilterInput

MOVES = ("left", "right", "home", "end", "up", "down", "ctrl+a", "ctrl+e")
EDITS = ("backspace", "delete", "ctrl+u", "ctrl+k", "ctrl+w")
BURSTS = st.lists(st.sampled_from([*"oxX 7é", *"oxX 7é", *MOVES, *EDITS, "enter", "tab"]), max_size=16)
SUGGESTIONS = ("oxen", "X-ray", "o x")


def complete(text: str, cursor: int) -> Completion:
    start = text.rfind(" ", 0, cursor) + 1
    prefix = text[start:cursor]
    return Completion(
        start, cursor, "field", None, prefix, tuple(word for word in SUGGESTIONS if word.startswith(prefix))
    )


LINES: dict[str, Callable[[], Widget]] = {
    "plain": lambda: Input("foX"),
    "with offers": lambda: SuggestInput("fo", suggestions=SUGGESTIONS),
    "of several values": lambda: SuggestInput("fo, x", suggestions=SUGGESTIONS, several=True),
    "of a filter": lambda: FilterInput(complete, id="filter", placeholder=""),
    "of several lines": lambda: PlainTextArea("fo\nX"),
}


State = tuple[object, ...]


class Lines(GuardedApp[None]):
    """A line, another one that tab and Enter lead to, and what was sent."""

    line: Widget

    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__()
        self._make = make
        self.sent: list[str] = []

    def compose(self) -> ComposeResult:
        self.line = self._make()
        yield self.line
        yield Input(id="other")

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        self.sent.append(event.value)
        self.query_one("#other").focus()

    def state(self) -> State:
        found: list[object] = [self.line.has_focus, *self.sent]
        for line in self.query("Input, TextArea"):
            if isinstance(line, Input):
                found += [line.value, line.cursor_position]
            elif isinstance(line, TextArea):
                found += [line.text, line.selection]
        return tuple(found)


async def states(make: Callable[[], Widget], bursts: Sequence[Sequence[str]], *, one_by_one: bool) -> list[State]:
    """Return how each burst left the lines. Where it ended in the other line, the next begins in the first again."""
    app = Lines(make)
    found = []
    async with app.run_test():
        for burst in bursts:
            for chunk in [(key,) for key in burst] if one_by_one else [burst]:
                send_chunk(app, *chunk)
                await until_handled()
            found.append(app.state())
            app.screen.set_focus(app.line)
            await until_handled()
    return found


@pytest.mark.parametrize("make", LINES.values(), ids=LINES)
@given(bursts=st.lists(BURSTS, min_size=15, max_size=15))
@settings(max_examples=3, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
async def test_a_chunk_of_keys_leaves_a_line_as_the_same_keys_one_by_one(
    make: Callable[[], Widget], bursts: list[list[str]]
) -> None:
    assert await states(make, bursts, one_by_one=False) == await states(make, bursts, one_by_one=True)

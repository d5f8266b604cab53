"""Start and keystrokes as a person sees them: python -m tests.benchmarks.keystroke [--users N --tokens N]

A pseudo-terminal of 140 x 40. A keystroke is timed from the key press to the output after which an emulated screen
shows the rows that it should, all of them that fit; and to the one after which it shows the count, too. In the same
run, the start stands against that of an empty Textual app: to the first rows, and to the last of all counts; and a
keystroke against the echo of a key in a small Textual app: an input, a label that repeats it, a table and a footer;
and against the same app that in addition paints a list again, whose lines repeat the key: what Textual needs at least.
All of them paint as often as ours does: `tests` sets TEXTUAL_FPS to 500, and they inherit it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tests.benchmarks.big import PROFILE, make
from tests.benchmarks.terminal import Terminal
from tokendesk.filtering.errors import FilterError
from tokendesk.model.findings import Thresholds
from tokendesk.model.text import printable
from tokendesk.paths import profile_paths
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

TYPED = {
    "users": (
        "martinez", "m", "zq", "giulia lind", "user12", "sample", "1", "status:deactivated", "tokens:>1",
        "active:>90d", "name:bo", "token.idle:>90d", "-martinez", "policy:policy", "is:inactive-with-tokens",
    ),
    "tokens": (
        "jenkins", "j", "qx", "k8s 12", "bo tóth", "export", "7", "status:blocked", "idle:>90d", "owner:bo",
        "expires:<30d", "used:never", "-jenkins", "is:idle owner:bo", "created:<2026-06-01",
    ),
}  # fmt: skip
"""One letter, two, rare, frequent and several words, and conditions, key by key."""

EMPTY = "from textual.app import App; from textual.widgets import Static\n" \
        "class A(App):\n    def compose(self): yield Static('here it is')\nA().run()"  # fmt: skip
ECHO = """
from textual.app import App
from textual.widgets import DataTable, Footer, Input, Label
class Echo(App):
    BINDINGS = [("ctrl+s", "save", "Save"), ("ctrl+o", "open", "Open")]
    def compose(self):
        yield Input(id="line")
        yield Label(id="echo")
        yield DataTable()
        yield Footer()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("Name", "E-mail", "Policy", "Last active", "Findings")
        table.add_rows((f"User {n}", f"user{n}@example.com", "Default", "3d", "idle") for n in range(60))
    def on_input_changed(self, event):
        self.query_one(Label).update(f"echo {event.value}.")
Echo().run()
"""
REPAINT = """
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Footer, Input, Label
STYLES = [Style(color=color, bgcolor="#101010") for color in ("white", "grey50", "red", "green", "white", "grey50")]
class Rows(ScrollView):
    word = "user9@example.com"
    def render_line(self, y):
        return Strip([Segment(f"{self.word} {y}".ljust(20), style) for style in STYLES])
class Repaint(App):
    CSS = "Rows { height: 1fr; }"
    def compose(self):
        yield Input(id="line")
        yield Label(id="echo")
        yield Rows()
        yield Footer()
    def on_input_changed(self, event):
        self.query_one(Label).update(f"echo {event.value}.")
        rows = self.query_one(Rows)
        rows.word = f"row {event.value[-8:]}"
        rows.refresh()
Repaint().run()
"""
TOP, ROWS, LEFT = 4, 32, 25
"""Where the rows stand at 140 x 40: the first line, how many there are, and the column where their labels begin."""


class Stroke(NamedTuple):
    pane: str
    text: str
    rows: float
    """Milliseconds until the rows were painted."""
    counted: float


def start(command: list[str], environ: dict[str, str], *texts: str) -> list[float]:
    """Return the milliseconds until each of `texts` was on the screen."""
    terminal = Terminal(command, environ)
    try:
        return [(terminal.until(text) - terminal.begun) * 1000 for text in texts]
    finally:
        terminal.close()


def expected(reader: Reader, query: Query, now: int) -> list[str]:
    """Return how the rows that fit should begin."""
    pane = reader.panes[query.pane]
    ids = reader.ids(query, now)
    rows = reader.window(pane, ids[:ROWS], now)
    key = "label" if query.pane == "tokens" else "name"
    return [printable(rows[row_id][key])[:8] for row_id in ids[:ROWS]]


def are_shown(begins: Sequence[str], lines: Sequence[str]) -> bool:
    shown = [line[LEFT : LEFT + 8] for line in lines[TOP : TOP + ROWS]]
    return all(text.ljust(8)[:8] == begin.ljust(8) for text, begin in zip(shown, begins, strict=False))


def is_counted(total: str, lines: Sequence[str]) -> bool:
    """Whether the filter line says how many of `total`; "…" stands there until it is known."""
    return f" of {total}" in lines[-2] and "…" not in lines[-2]


def keystrokes(
    terminal: Terminal, reader: Reader, now: int, typed: Mapping[str, Sequence[str]] = TYPED
) -> Iterator[Stroke]:
    """Type each text; leave out keys after which the rows are to stay as they are."""
    for pane, texts in typed.items():
        terminal.press("1" if pane == "tokens" else "2")
        total = f"{reader.count(reader.panes[pane]):,}"
        terminal.until("E-mail" if pane == "users" else "Findings")
        for text in texts:
            terminal.settle()
            before = expected(reader, Query(pane), now)
            terminal.press("/")
            terminal.settle(0.1)
            for end in range(1, len(text) + 1):
                try:
                    begins = expected(reader, Query(pane, filter=text[:end]), int(time.time()))
                except FilterError:
                    begins = before
                at = terminal.press(text[end - 1])
                if begins != before and begins:
                    rows = terminal.until(partial(are_shown, begins))
                    counted = terminal.until(partial(is_counted, total))
                    yield Stroke(pane, text[:end], (rows - at) * 1000, (max(rows, counted) - at) * 1000)
                    before = begins
                time.sleep(0.12)  # as a fast typist does
                terminal.settle(0.01)
            terminal.press("\x1b")
            terminal.until("press / and type")
            terminal.settle(0.3)  # an escape and a key right behind it are another key


def echoes(
    app: str = ECHO, shown: Callable[[str], str] = "echo {}.".format, texts: Mapping[str, Sequence[str]] = TYPED
) -> Iterator[float]:
    """Type each text into the small app; yield the milliseconds until `shown` of it is on the screen, for each key."""
    terminal = Terminal([sys.executable, "-c", app], {})
    try:
        terminal.until("user9@example.com")
        terminal.settle()  # shorter than the blinking of the cursor
        for text in (text for pane in texts.values() for text in pane):
            for end in range(1, len(text) + 1):
                at = terminal.press(text[end - 1])
                yield (terminal.until(shown(text[:end])) - at) * 1000
                time.sleep(0.12)
                terminal.settle(0.01)
            terminal.press("\x15")  # deletes the line
            terminal.until("echo .")
    finally:
        terminal.close()


def last_row(typed: str) -> str:
    """Return what the list of the second app shows in its last line at 40 lines."""
    return f"row {typed[-8:]} 34"


def percentile(values: Sequence[float], part: int) -> float:
    return quantiles(values, n=100, method="inclusive")[part - 1]


def most(values: Sequence[float]) -> str:
    return f"p50 {percentile(values, 50):.0f}   p95 {percentile(values, 95):.0f}   most {max(values):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1204)
    parser.add_argument("--tokens", type=int, default=82)
    parser.add_argument("--each", action="store_true", help="print every keystroke")
    parser.add_argument("--starts", type=int, default=6)
    options = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.users, options.tokens, now)
        environ = {"TOKENDESK_HOME": folder}
        command = [sys.executable, "-m", "tokendesk", "--profile", PROFILE]
        empty = [sys.executable, "-c", EMPTY]
        print(f"{options.users:,} users, {options.tokens:,} tokens")
        with Reader(profile_paths(PROFILE, {"TOKENDESK_HOME": folder}), Thresholds()) as reader:
            first = expected(reader, Query("tokens"), int(now.timestamp()))[0]
            pairs = [
                (start(command, environ, first, "Policies 4", "FINDINGS", "purpose"), start(empty, {}, "here it is")[0])
                for _ in range(options.starts + 1)
            ][1:]
            for number, words in enumerate(("first rows", "tabs", "scope pane", "details")):
                ours = median(pair[0][number] for pair in pairs)
                ratio = median(pair[0][number] / pair[1] for pair in pairs)
                print(f"start to {words:<12}{ours:6.0f} ms   {ratio:.2f} times an empty app")
            print(f"start of an empty app{median(pair[1] for pair in pairs):6.0f} ms")
            terminal = Terminal(command, environ)
            try:
                terminal.until("FINDINGS")
                terminal.settle(1)
                print(f"memory after start    {terminal.memory():6.0f} MB")
                strokes = list(keystrokes(terminal, reader, int(now.timestamp())))
                print(f"memory after use      {terminal.memory():6.0f} MB")
            finally:
                terminal.close()
        for stroke in strokes if options.each else ():
            print(f"  {stroke.pane:8}{stroke.text:28}{stroke.rows:6.0f}{stroke.counted:6.0f}")
        for pane in TYPED:
            print(f"keystroke to rows, {pane:8} {most([s.rows for s in strokes if s.pane == pane])}")
        print(f"keystroke to rows, both     {most([s.rows for s in strokes])}   ({len(strokes)} keystrokes)")
        print(f"keystroke to count, both    {most([s.counted for s in strokes])}")
        echo = list(echoes())
        print(f"echo of a small app         {most(echo)}   ({len(echo)} keystrokes)")
        repaint = list(echoes(REPAINT, last_row))
        print(f"echo and a list of it       {most(repaint)}   ({len(repaint)} keystrokes)")
        for part in (50, 95):
            rows, count = (
                percentile(times, part) for times in ([s.rows for s in strokes], [s.counted for s in strokes])
            )
            for words, times in (("the echo", echo), ("the echo and a list", repaint)):
                least = percentile(times, part)
                print(f"p{part} of rows {rows / least:.2f}, of the count {count / least:.2f} times that of {words}")


if __name__ == "__main__":
    main()

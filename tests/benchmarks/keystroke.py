"""Start and keystrokes as a person sees them: python -m tests.benchmarks.keystroke [--users N --tokens N]

A pseudo-terminal of 140 x 40; from the key press to the output after which an emulated screen shows the right count.
The start stands against that of an empty Textual app in the same run.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.big import PROFILE, make
from tests.benchmarks.terminal import Terminal
from tokendesk.model.findings import Thresholds
from tokendesk.paths import places
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

WORDS = ("martinez", "svc", "giulia", "lind", "user12", "sample")
EMPTY = "from textual.app import App; from textual.widgets import Static\n" \
        "class A(App):\n    def compose(self): yield Static('here it is')\nA().run()"  # fmt: skip


def start(command: list[str], environ: dict[str, str], text: str) -> float:
    terminal = Terminal(command, environ)
    try:
        return (terminal.until(text) - terminal.begun) * 1000
    finally:
        terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1204)
    parser.add_argument("--tokens", type=int, default=82)
    options = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.users, options.tokens, now)
        environ = {"TOKENDESK_HOME": folder, "TEXTUAL_FPS": "120"}
        command = [sys.executable, "-m", "tokendesk", "--profile", PROFILE]
        empty = [sys.executable, "-c", EMPTY]
        pairs = [(start(command, environ, "Quit"), start(empty, environ, "here it is")) for _ in range(6)][1:]
        ours = median(pair[0] for pair in pairs)
        print(f"{options.users:,} users, {options.tokens:,} tokens")
        print(f"start to first full frame, ms   {ours:.0f}   empty app {median(p[1] for p in pairs):.0f}", end="   ")
        print(f"ratio {median(a / b for a, b in pairs):.2f}")
        with Reader(places(PROFILE, {"TOKENDESK_HOME": folder}), Thresholds()) as reader:
            terminal = Terminal(command, environ)
            try:
                taken = keystrokes(terminal, reader, options.users, int(now.timestamp()))
                print(f"memory after start and use, MB  {terminal.memory():.0f}")
            finally:
                terminal.close()
        print(
            f"keystroke to rows, ms           p50 {median(taken):.0f}   p95 {quantiles(taken, n=20)[-1]:.0f}", end="   "
        )
        print(f"most {max(taken):.0f}   ({len(taken)} keystrokes)")


def keystrokes(terminal: Terminal, reader: Reader, users: int, now: int) -> list[float]:
    """Type words into the users' filter; return milliseconds of each key whose count differs from the one before."""
    terminal.until("Quit")
    terminal.press("2")
    terminal.until("E-mail")
    taken = []
    for word in WORDS:
        terminal.press("/")
        before = ""
        for end in range(1, len(word) + 1):
            count = f"{len(reader.ids(Query('users', filter=word[:end]), now)):,} of {users:,}"
            at = terminal.press(word[end - 1])
            if count != before:
                taken.append((terminal.until(count) - at) * 1000)
            before = count
        terminal.press("\x1b")
        terminal.until("press / and type")
        time.sleep(0.3)  # an escape and a key right behind it are another key
    return taken


if __name__ == "__main__":
    main()

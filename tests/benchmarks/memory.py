"""Resident memory after start and after heavy use: python -m tests.benchmarks.memory [--sizes USERS/TOKENS ...]

Heavy use is several hundred keys: pages to the end and back, every column sorted, texts typed, all rows marked, details
of several rows, all panes. The goals are 80 MB after start and 150 MB after use at 150,000 users.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.big import PROFILE, make
from tests.benchmarks.keystroke import EMPTY, TYPED
from tests.benchmarks.terminal import Terminal

SIZES = ("1204/82", "20000/1400", "150000/50000")
ENTER, ESCAPE, PAGE_DOWN, PAGE_UP = "\r", "\x1b", "\x04", "\x15"
UNHURRIED = (*"*\\/", ENTER, ESCAPE)
"""What is waited for: an escape and a key right behind it are another key, and what is about all rows takes long."""


def keys() -> Iterator[str]:
    """All panes, one after the other."""
    for pane, texts in (("1", TYPED["tokens"]), ("2", TYPED["users"]), ("3", ("policy",)), ("4", ("a",)), ("5", ())):
        yield pane
        yield from (*PAGE_DOWN * 30, "G", *PAGE_UP * 10, "g")
        yield from "lss" * 6  # each column both ways
        yield from ("*", "j", " ", "\\")  # all marked, all but one, none
        for _ in range(5):
            yield from ("j", "]", "]", "]")  # the pages of the details
        for text in texts:
            yield from ("/", *text, ENTER, "G", "*", "\\", ESCAPE)


def used(terminal: Terminal) -> int:
    """Press the keys; return how many."""
    pressed = 0
    for key in keys():
        terminal.press(key)
        time.sleep(0.4 if key in UNHURRIED else 0.04)  # not until silence: where a cursor blinks there may be none
        terminal.settle(0.0)
        pressed += 1
    time.sleep(2)
    return pressed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=SIZES, metavar="USERS/TOKENS")
    options = parser.parse_args()
    empty = Terminal([sys.executable, "-c", EMPTY], {})
    try:
        empty.until("here it is")
        empty.settle()
        print(f"an empty app {empty.memory():.0f} MB")
    finally:
        empty.close()
    for size in options.sizes:
        users, tokens = (int(part) for part in size.split("/"))
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), users, tokens, datetime.now(UTC))
            terminal = Terminal([sys.executable, "-m", "tokendesk", "--profile", PROFILE], {"TOKENDESK_HOME": folder})
            try:
                terminal.until("FINDINGS")
                terminal.settle(1)
                begun = terminal.memory()
                pressed = used(terminal)
                now = terminal.memory()
            finally:
                terminal.close()
        print(f"{users:,} users, {tokens:,} tokens: after start {begun:.0f} MB, after {pressed} keys {now:.0f} MB")


if __name__ == "__main__":
    main()

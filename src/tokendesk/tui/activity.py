"""What a pull is doing, on one line under the list."""

import time

from textual.content import Content

from tokendesk.running.events import EventsRead, events_left
from tokendesk.snapshot.pull import Progress
from tokendesk.tui.widgets.lines import Line


class PullActivity:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._latest: dict[str, Progress] = {}
        self._until = 0.0
        self._why = ""
        self._tick = line.set_interval(1, self._count_down)
        line.add_class("running")
        self._say("connecting")

    def progress(self, progress: Progress) -> None:
        self._until = 0.0
        self._latest[progress.what] = progress
        self._say(" · ".join(_words(latest) for latest in self._latest.values()))

    def waiting(self, why: str, seconds: float) -> None:
        self._until, self._why = time.monotonic() + seconds, why
        self._count_down()

    def _count_down(self) -> None:
        left = self._until - time.monotonic()
        if left > 0:
            self._say(f"waiting {left:.0f} s ({self._why})")

    def end(self) -> None:
        self._tick.stop()
        self._line.remove_class("running")

    def _say(self, words: str) -> None:
        self._line.say(Content(f" Pulling: {words}   C cancels"))


def _words(progress: Progress) -> str:
    if progress.what == "indexing":
        return "indexing"
    if isinstance(progress, EventsRead):
        return events_left(progress)
    total = f" of {progress.total:,}" if progress.total else ""
    return f"{progress.what} {progress.done:,}{total}"

"""Shows background work on one line under the list."""

import time
from typing import TYPE_CHECKING

from textual.content import Content

from tokendesk.tui.widgets.lines import TextLine

if TYPE_CHECKING:
    from tokendesk.snapshot.progress import Progress


class LineActivity:
    """Shows `title: progress   keys` until the work ends."""

    def __init__(self, line: TextLine, title: str, keys: str = "") -> None:
        self._line = line
        self._title, self._keys = title, keys
        self._latest: dict[str, Progress] = {}
        self._until = 0.0
        self._why = ""
        self.has_ended = False
        self._tick = line.set_interval(1, self._count_down)
        line.add_class("running")
        self.say("connecting")

    def say(self, words: str) -> None:
        self._until = 0.0
        self._draw(words)

    def progress(self, progress: "Progress") -> None:
        self._latest[progress.what] = progress
        self.say(" · ".join(_describe(latest) for latest in self._latest.values()))

    def waiting(self, why: str, seconds: float) -> None:
        self._until, self._why = time.monotonic() + seconds, why
        self._count_down()

    def end(self) -> None:
        self.has_ended = True
        self._tick.stop()
        self._line.remove_class("running")

    def _count_down(self) -> None:
        left = self._until - time.monotonic()
        if left > 0:
            self._draw(f"waiting {left:.0f} s ({self._why})")

    def _draw(self, words: str) -> None:
        self._line.say(Content(f" {self._title}: {words}   {self._keys}".rstrip()))


def _describe(progress: "Progress") -> str:
    from tokendesk.running.events import EventsProgress, describe_progress

    if progress.what == "indexing":
        return "indexing"
    if isinstance(progress, EventsProgress):
        return describe_progress(progress)
    total = f" of {progress.total:,}" if progress.total else ""
    return f"{progress.what} {progress.done:,}{total}"

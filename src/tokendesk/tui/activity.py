"""Shows background work on one line under the list."""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from textual.content import Content

from tokendesk.tui.widgets.columns import fit_parts
from tokendesk.tui.widgets.lines import TextLine

if TYPE_CHECKING:
    from tokendesk.snapshot.progress import Progress


class LineActivity:
    """Shows `title (keys): progress` until the work ends."""

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
        self.say(_describe(self._latest.values()))

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
            from tokendesk.snapshot.progress import describe_wait

            self._draw(describe_wait(self._why, left))

    def _draw(self, words: str) -> None:
        keys = f" ({self._keys})" if self._keys else ""  # at the beginning: a narrow line ends early
        self._line.say(Content(fit_parts(f" {self._title}{keys}: {words}", self._line.room)))


def _describe(latest: Collection["Progress"]) -> str:
    from tokendesk.running.events import EventsProgress
    from tokendesk.running.events import describe_progress as describe_events
    from tokendesk.snapshot.progress import describe_progress

    events = next((each for each in latest if isinstance(each, EventsProgress)), None)
    return describe_progress(latest) if events is None else describe_events(events)

"""Shows background work on one line under the list."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tokendesk.model.text import fit_parts
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.lines import TextLine

if TYPE_CHECKING:
    from tokendesk.snapshot.progress import Progress, Waits


class LineActivity:
    """Shows `title (keys): progress` until the work ends, with what it waits for."""

    def __init__(self, line: TextLine, title: str, keys: str = "") -> None:
        self._line = line
        self._title, self._keys = title, keys
        self._latest: dict[str, Progress] = {}
        self._words = ""
        self._waits: Waits
        self._was_waiting = False
        self.has_ended = False
        self._tick = line.set_interval(1, self._count_down)
        line.add_class("running")
        self.say("connecting")

    def say(self, words: str) -> None:
        """Show `words` in place of progress or a wait."""
        from tokendesk.snapshot.progress import Waits

        self._words, self._waits = words, Waits()
        self._latest.clear()
        self._draw()

    def progress(self, progress: "Progress") -> None:
        self._latest[progress.what] = progress
        self._draw()

    def waiting(self, why: str, seconds: float) -> None:
        self._waits.begin(why, seconds)
        self._draw()

    def end(self) -> None:
        self.has_ended = True
        self._tick.stop()
        self._line.remove_class("running")

    def _count_down(self) -> None:
        if self._was_waiting:
            self._draw()

    def _draw(self) -> None:
        wait = self._waits.describe()
        self._was_waiting = bool(wait)
        words = _describe(self._latest.values(), wait) if self._latest else wait or self._words
        keys = f" ({self._keys})" if self._keys else ""  # at the beginning: a narrow line ends early
        room = self._line.room
        line = fit_parts(f" {self._title}{keys}: {words}", room, cell_len)
        self._line.say(Content(fit_text(line, min(room, cell_len(line)))))


def _describe(latest: Collection["Progress"], wait: str) -> str:
    from tokendesk.running.events import EventsProgress
    from tokendesk.running.events import describe_progress as describe_events
    from tokendesk.snapshot.progress import describe_progress

    events = next((each for each in latest if isinstance(each, EventsProgress)), None)
    if events is None:
        return describe_progress(latest, wait)
    return " · ".join(filter(None, (wait, describe_events(events))))

"""How far a pull is, and how long it will take, by what was measured so far."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from tokendesk.model.timestamps import span


class Pace(NamedTuple):
    """Of a whole pull. `expected`: answers there will be, with those received; None if unknown. `seconds_left`: an
    estimate, None as long as nothing was measured.
    """

    answers: int
    expected: int | None
    per_second: float | None
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` of `what` have been read; `total` is None if unknown. `pace`: None if it is not measured."""

    what: str
    done: int
    total: int | None
    pace: Pace | None = field(default=None, kw_only=True)


def ignore_progress(_: Progress) -> None:
    pass


def describe_progress(lists: Iterable[Progress], wait: str = "") -> str:
    """Return `about 7 min left · users 3,400 of 150,000 · 46 of 1,953 answers, 3.1/s`, without finished lists.

    `wait`: what is waited for, in place of the estimate, which cannot know it.
    """
    latest = tuple(lists)
    if any(each.what == "indexing" for each in latest):
        return "indexing"
    said = [
        f"{each.what} {each.done:,}" + (f" of {each.total:,}" if each.total else "")
        for each in latest
        if each.total is None or each.done < each.total
    ]
    paces = [each.pace for each in latest if each.pace is not None]
    pace = max(reversed(paces), key=lambda each: each.answers, default=None)  # the lists report at different times
    if pace is not None:
        left = "" if pace.seconds_left is None else f"about {span(pace.seconds_left)} left"
        of = "" if pace.expected is None else f" of {pace.expected:,}"
        answers = "answer" if (pace.expected or pace.answers) == 1 else "answers"
        speed = "" if pace.per_second is None else f", {_rounded(pace.per_second)}/s"
        said = [*filter(None, (wait or left, *said)), f"{pace.answers:,}{of} {answers}{speed}"]
    elif wait:
        said = [wait, *said]
    return " · ".join(said)


def describe_wait(why: str, seconds: float) -> str:
    """Return `waiting 38 s, until 14:03:10 (Users: rate limit)`."""
    return f"waiting {ceil(seconds)} s, until {datetime.fromisoformat(until(seconds)):%H:%M:%S} ({why})"


@dataclass(slots=True)
class Waits:
    """The wait that ends last. Others may end sooner, and lists arrive meanwhile."""

    clock: Callable[[], float] = time.monotonic
    _until: float = 0.0
    _why: str = ""

    def begin(self, why: str, seconds: float) -> None:
        end = self.clock() + seconds
        if end >= self._until:
            self._until, self._why = end, why

    def describe(self) -> str:
        """Say what is waited for; empty if nothing is."""
        left = self._until - self.clock()
        return describe_wait(self._why, left) if left > 0 else ""


def until(seconds: float) -> str:
    """Return the local time in so many seconds, as ISO 8601."""
    return (datetime.now().astimezone() + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


@dataclass(slots=True)
class _List:
    """One list that is read page by page. `here`: entries read by this pull, which may continue an earlier one.

    `seconds`: from the beginning to the latest of `arrivals`.
    """

    done: int = 0
    here: int = 0
    total: int | None = None
    page: Callable[[], int] = lambda: 1
    arrivals: int = 0
    seconds: float = 0

    @property
    def pages_left(self) -> int:
        return ceil(max(0, (self.total or 0) - self.done) / max(1, self.page()))

    def seconds_left(self, elapsed: float) -> float:
        """Count down to the next arrival; if that is late, the rest takes longer, too."""
        interval, since = self.seconds / max(1, self.arrivals), elapsed - self.seconds
        late = max(0, since - interval)
        left = (self.seconds + late) * ((self.total or 0) - self.done) / max(1, self.here)
        return max(0, left - min(since, interval))


@dataclass(slots=True)
class PullProgress:
    """Counts what is read of several lists. `answers` returns the number of responses received so far."""

    answers: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    _lists: dict[str, _List] = field(default_factory=dict)
    _began: float | None = None
    _answers_before: int = 0

    def expect(self, what: str, total: int | None, page: Callable[[], int]) -> None:
        """A list of `total` entries will be read. `page`: how many come in one response."""
        self._lists[what] = _List(total=total, page=page)
        if self._began is None:
            self._began, self._answers_before = self.clock(), self.answers()

    def total(self, what: str) -> int | None:
        found = self._lists.get(what)
        return None if found is None else found.total

    def kept(self, what: str, number: int) -> Progress:
        """So many entries were read by an earlier pull; negative if they have to be read again."""
        self._lists[what].done += number
        return self._progress(what)

    def add(self, what: str, number: int) -> Progress:
        each = self._lists[what]
        each.done += number
        each.here += number
        each.arrivals += 1
        each.seconds = self.clock() - (self._began or 0)
        return self._progress(what)

    def give_up(self, what: str) -> Progress:
        """The rest of the list will not be read."""
        self._lists[what].total = self._lists[what].done
        return self._progress(what)

    def _progress(self, what: str) -> Progress:
        each = self._lists[what]
        return Progress(what, each.done, each.total, pace=self._pace())

    def _pace(self) -> Pace:
        elapsed = self.clock() - (self._began or 0)
        received = self.answers()
        since = received - self._answers_before
        # The answers of one list come one after the other, those of several lists at the same time.
        left = [
            each.seconds_left(elapsed)
            for each in self._lists.values()
            if each.total is not None and each.here and each.done < each.total
        ]
        is_known = all(each.total is not None for each in self._lists.values())
        return Pace(
            received,
            received + sum(each.pages_left for each in self._lists.values()) if is_known else None,
            round(since / elapsed, 2) if elapsed > 0 and since else None,
            ceil(max(left)) if left else None,
        )

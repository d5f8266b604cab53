"""Computes when a token is used, as a pure function of time: a clock that moves on finds the new uses.

All times are whole seconds since 1970, UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tokendesk.sandbox.seeded_random import SeededRandom

HOUR, DAY = 3_600, 86_400
_QUARTER_STARTS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Uses from `start` to before `stop`, aligned to the use `base`; `jitter` is below half a period."""

    start: int
    stop: int
    base: int
    period: int
    jitter: int
    seed: str
    workdays: bool = False
    quarter_day: int = 0  # day of the month after each quarter's end
    month_day: int = 0

    def last(self, now: int) -> int | None:
        """Return the latest use up to and including `now`, None if there was none."""
        limit = min(now, self.stop - 1)
        for use in self._backwards(limit):
            if use <= limit:
                return use if use >= self.start else None
        return None

    def between(self, start: int, end: int) -> list[int]:
        """Return the uses from `start` to before `end`, oldest first."""
        start, end = max(start, self.start), min(end, self.stop)
        uses = []
        if start < end:
            for use in self._backwards(end):
                if use < start:
                    break
                if use < end:
                    uses.append(use)
        return uses[::-1]

    def _backwards(self, limit: int) -> Iterator[int]:
        """Yield the scheduled times, latest first, from one at or after `limit` down to one before `start`."""
        if self.month_day or self.quarter_day:
            yield from self._calendar(limit)
            return
        k = (limit - self.base) // self.period + 2
        while True:
            wobble = SeededRandom(self.seed, k).randint(-self.jitter, self.jitter) if k and self.jitter else 0
            use = self.base + k * self.period + wobble
            # 1 January 1970 was a Thursday.
            if not self.workdays or (use // DAY + 3) % 7 < 5:
                yield use
            if use < self.start:
                return
            k -= 1

    def _calendar(self, limit: int) -> Iterator[int]:
        moment = datetime.fromtimestamp(limit, UTC)
        month = moment.year * 12 + moment.month
        time_of_day = self.base % DAY
        while True:
            year, zero_based = divmod(month, 12)
            if self.month_day or zero_based + 1 in _QUARTER_STARTS:
                day = self.month_day or self.quarter_day
                first = int(datetime(year, zero_based + 1, 1, tzinfo=UTC).timestamp())
                wobble = SeededRandom(self.seed, month).randint(0, self.jitter) if self.jitter else 0
                use = first + (day - 1) * DAY + time_of_day + wobble
                yield use
                if use < self.start:
                    return
            month -= 1


NEVER = Rhythm(start=0, stop=0, base=0, period=DAY, jitter=0, seed="")

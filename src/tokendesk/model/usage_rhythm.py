"""Usage rhythms of tokens, claimed only as far as the observed uses prove them.

A pull returns the last use only. So between two observed uses there is a time that was certainly empty (from the
first use until the last pull before the second), and an unknown one (between two pulls). All times and durations are
whole seconds, UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from tokendesk.model.timestamps import DAY, MONTH, day, span, utc

MIN_USES = 3
"""The fewest uses for a rhythm."""
_SAME_DAY = DAY * 14 // 10
"""Uses at most this far apart are on consecutive days."""
_APART = 18 * 3600
"""Uses closer than this count as one when counting days."""
_DAILY_GAPS = 5
_DAILY_SILENCE = 7 * DAY
"""A weekend and a few holidays: silence within a daily rhythm."""
_SAME_USE = 15 * 60
"""The token list and the audit log may report one use with slightly different times."""
_LAPSE = 10 * DAY
"""The shortest silence that contradicts a rhythm: less may be a weekend or a holiday."""
_VARIES = 1.5
_STEADY = 1.25


class _Cadence(NamedTuple):
    """A cadence: uses of one occasion lie within `burst`, occasions are `period` apart, give or take `slack`."""

    name: str
    period: int
    slack: int
    burst: int
    months: int
    gaps: int
    """Proven gaps between occasions that it needs."""


_CADENCES = (
    _Cadence("weekly", 7 * DAY, 36 * 3600, 36 * 3600, 0, 3),
    _Cadence("monthly", 30 * DAY + 10 * 3600, 4 * DAY, 6 * DAY, 1, 2),
    # More observations allow more slack: a quarter closes on some working day.
    _Cadence("quarterly", 91 * DAY, 60 * 3600, 14 * DAY, 3, 2),
    _Cadence("quarterly", 91 * DAY, 5 * DAY, 14 * DAY, 3, 3),
    _Cadence("quarterly", 91 * DAY, 8 * DAY, 14 * DAY, 3, 4),
)


class Rhythm(NamedTuple):
    """`cadence` is one of CADENCES; `was` the one it had before it stopped, else the same.

    `pulls` looked at the token from the first use seen on, `longest` apart at most. `every`: the distance of uses
    that are even but in none of the cadences. `next_at`: when the next use is expected; `late_from`: when it is
    surely missing.
    """

    cadence: str
    was: str
    uses: int
    pulls: int
    longest: int
    last: int | None = None
    every: int | None = None
    next_at: int | None = None
    late_from: int | None = None

    def inside(self, now: int) -> bool:
        """Whether a silence at `now` is within the rhythm."""
        return self.late_from is not None and now <= self.late_from


class _Gap(NamedTuple):
    """Between two occasions: `apart` from start to start, certainly `empty`, `blind` between pulls."""

    apart: int
    empty: int
    blind: int


def find_rhythm(uses: Sequence[int], pulls: Sequence[int]) -> Rhythm:
    """Return what `uses`, all that were seen, and the moments of all `pulls` show. Both in order, without repeats."""
    uses = _thin_out(uses, _SAME_USE)
    looked = pulls[bisect_left(pulls, uses[0]) :] if uses else pulls
    longest = max((after - before for before, after in pairwise(looked)), default=0)
    seen = Rhythm("unknown", "unknown", len(uses), len(looked), longest, uses[-1] if uses else None)
    if len(uses) < MIN_USES or not looked:
        return seen
    gaps = _gaps([(use, use) for use in uses], pulls)
    silent = max(0, pulls[-1] - uses[-1])
    if _daily(_thin_out(uses, _APART), pulls):
        return _result(seen, "daily", uses[-1] + DAY, uses[-1] + _DAILY_SILENCE, silent > _DAILY_SILENCE)
    for beat in _CADENCES:
        occasions = _occasions(uses, beat.burst)
        if _matches(beat, occasions, pulls):
            start = occasions[-1][0]
            expected = _months_later(start, beat.months) if beat.months else start + beat.period
            stopped = silent > 2 * beat.period + beat.slack
            return _result(seen, beat.name, expected, expected + beat.slack + beat.burst // 2, stopped)
    occasions = _occasions(uses, 3 * DAY)
    between = _gaps(occasions, pulls)
    if len(between) >= MIN_USES:
        least = min(gap.apart for gap in between)
        if max(gap.empty for gap in between) > max(_LAPSE, _VARIES * least):
            return _with_cadence(seen, "irregular", None)
    if len(gaps) >= MIN_USES and all(2 * gap.blind <= gap.apart for gap in gaps):
        apart = sorted(gap.apart for gap in gaps)
        if apart[-1] <= _STEADY * apart[0]:
            return _with_cadence(seen, "unknown", apart[len(apart) // 2])
    return seen


def _with_cadence(seen: Rhythm, cadence: str, every: int | None) -> Rhythm:
    return Rhythm(cadence, cadence, seen.uses, seen.pulls, seen.longest, seen.last, every)


def _result(seen: Rhythm, name: str, expected: int, late: int, stopped: bool) -> Rhythm:
    if stopped:
        return Rhythm("stopped", name, seen.uses, seen.pulls, seen.longest, seen.last)
    return Rhythm(name, name, seen.uses, seen.pulls, seen.longest, seen.last, None, expected, late)


def _occasions(uses: Sequence[int], burst: int) -> list[tuple[int, int]]:
    """Return the first and last use of each run of uses that follow each other within `burst`."""
    found: list[tuple[int, int]] = []
    for use in uses:
        if found and use - found[-1][1] <= burst:
            found[-1] = (found[-1][0], use)
        else:
            found.append((use, use))
    return found


def _gaps(occasions: Sequence[tuple[int, int]], pulls: Sequence[int]) -> list[_Gap]:
    gaps = []
    for (start, end), (following, _) in pairwise(occasions):
        place = bisect_left(pulls, following)
        before = pulls[place - 1] if place else end
        after = pulls[place] if place < len(pulls) else following
        gaps.append(_Gap(following - start, max(0, before - end), after - before))
    return gaps


def _thin_out(uses: Sequence[int], apart: int) -> list[int]:
    """Return the uses that are at least `apart` from the previous one."""
    kept: list[int] = []
    for use in uses:
        if not kept or use - kept[-1] >= apart:
            kept.append(use)
    return kept


def _daily(uses: Sequence[int], pulls: Sequence[int]) -> bool:
    """Uses on neighbouring days, but for weekends. What hides between two pulls could only make them more."""
    gaps = _gaps([(use, use) for use in uses], pulls)
    short = sum(gap.apart <= _SAME_DAY for gap in gaps)
    lapses = sum(gap.empty > _SAME_DAY for gap in gaps)
    # Busy around the clock for three days is no daily rhythm yet.
    return short >= _DAILY_GAPS and short >= 2 * lapses and uses[-1] - uses[0] > (_DAILY_GAPS - 0.5) * DAY


def _matches(beat: _Cadence, occasions: Sequence[tuple[int, int]], pulls: Sequence[int]) -> bool:
    """Whether occasions keep a beat: shown by pulls at most half a period apart, and contradicted by none."""
    if any(end - start > beat.period // 4 for start, end in occasions):
        return False
    proven = 0
    for gap in _gaps(occasions, pulls):
        if gap.apart < beat.period - beat.slack or gap.empty > beat.period + beat.slack:
            return False
        if 2 * gap.blind <= beat.period:
            if gap.apart > beat.period + beat.slack:
                return False
            proven += 1
    return proven >= beat.gaps


def _months_later(moment: int, months: int) -> int:
    """Return the same day and time so many months later, or the last day of that month."""
    at = utc(moment)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    if year >= MAXYEAR:
        return moment + months * MONTH
    first_after = datetime(year + (month + 1) // 12, (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_after - timedelta(days=1)).day
    return int(at.replace(year=year, month=month + 1, day=min(at.day, last_day)).timestamp())


def describe_outlook(rhythm: Rhythm, now: int) -> str:
    """Return what follows from a rhythm: when the next use is due, or that it stopped; empty where nothing does."""
    if rhythm.cadence == "stopped":
        return f"{rhythm.was} until {day(rhythm.last)}, then no more"
    if rhythm.next_at is None:
        return f"about every {span(rhythm.every)}" if rhythm.every is not None else ""
    if not rhythm.inside(now):
        return f"expected about {day(rhythm.next_at)}, not seen"
    return "" if rhythm.cadence == "daily" else f"next expected about {day(rhythm.next_at)}"


def describe_evidence(rhythm: Rhythm) -> str:
    """Return what the claim rests on, as `3 uses seen; 9 pulls, longest gap 31 d`."""
    uses = f"{rhythm.uses:,} use{'' if rhythm.uses == 1 else 's'} seen"
    pulls = f"{rhythm.pulls:,} pull{'' if rhythm.pulls == 1 else 's'}"
    return f"{uses}; {pulls}" + (f", longest gap {span(rhythm.longest)}" if rhythm.longest else "")


_BARS = "▁▂▃▄▅▆▇█"
NO_DATA = "·"


def bar(count: int) -> str:
    """Return one bar, taller for each doubling of `count`."""
    return _BARS[min(7, 1 + (count - 1).bit_length())] if count else _BARS[0]


def bars(uses: Sequence[int], pulls: Sequence[int], edges: Sequence[int]) -> str:
    """Return a bar for each interval between two `edges`: the uses observed in it.

    It is a dot if no pull could have observed a use.
    """
    drawn = []
    for start, end in pairwise(edges):
        first, last = bisect_left(uses, start), bisect_left(uses, end)
        looked = last > first or _is_observed(uses, pulls, start, end, first)
        drawn.append(bar(last - first) if looked else NO_DATA)
    return "".join(drawn)


def bar_edges(cadence: str, now: int, count: int) -> tuple[str, list[int]]:
    """Return the unit of a bar, `day`, `week` or `month`, and the edges of the last `count` bars.

    A bar is shorter than the time between two uses, so that pauses show.
    """
    if cadence in ("daily", "weekly", "monthly"):
        width, unit = (7 * DAY, "week") if cadence == "monthly" else (DAY, "day")
        end = (now // DAY + 1) * DAY
        return unit, [end - number * width for number in range(count, -1, -1)]
    today = utc(now)
    ends_in = today.year * 12 + today.month
    months = (divmod(ends_in - number, 12) for number in range(count, -1, -1))
    return "month", [int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) for year, month in months]


def _is_observed(uses: Sequence[int], pulls: Sequence[int], start: int, end: int, place: int) -> bool:
    """Whether part of the time from `start` to `end` was certainly unused. `place`: index of the next use."""
    if place == 0:
        return False  # nothing is known before the first observed use
    following = uses[place] if place < len(uses) else None
    at = bisect_right(pulls, following - 1 if following is not None else pulls[-1]) if pulls else 0
    empty_until = pulls[at - 1] if at else 0
    return max(start, uses[place - 1]) < min(end, empty_until)

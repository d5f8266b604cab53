"""How long to wait before a request is sent, or sent again (api handbook 3.1)."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tokendesk.model.bounds import DIGITS, HEADER_CHARACTERS
from tokendesk.model.moments import parse_moment

ATTEMPTS = 6
ATTEMPTS_LIMITED = 10
"""A 429 is no failure but an appointment: it is kept more often."""
ATTEMPTS_UNREACHED = 3
"""An address that refuses or stays silent is most often a wrong one: say so soon."""
ATTEMPTS_LOST = 12
"""Once anything was answered it is the network that loses what is sent. It may lose one in three."""
BACK_OFF_FIRST = 2.0
BACK_OFF_MOST = 60.0
WAIT_MOST = 15 * 60.0
"""A server that asks for a longer wait is taken as failing."""

_CLOCKS_DIFFER = 2.0
_WHOLE_MINUTE = re.compile(r"[T ]\d\d:\d\d(?![:\d])")


def back_off(attempt: int, rng: random.Random) -> float:
    """Return seconds to wait after failed attempt number `attempt`: 2 s doubling to 60 s, with jitter."""
    longest = min(BACK_OFF_MOST, BACK_OFF_FIRST * 2.0 ** (attempt - 1))
    return longest * (0.5 + rng.random() / 2)


def server_now(headers: Mapping[str, str], now: float) -> float:
    """Return the server's present: its clock and ours may differ, and its dates are by its own."""
    theirs = http_date(value_of(headers, "date"))
    if theirs is None:
        return now
    # Whole seconds and the way here are no difference.
    return theirs if abs(theirs - now) > 2 else now


def clock_ahead(headers: Mapping[str, str], now: float) -> float | None:
    """Return by how many seconds our clock, at `now`, is ahead of the server's; None where no time is told."""
    theirs = http_date(value_of(headers, "date"))
    return None if theirs is None else now - theirs


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a 429 asks for: `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (ISO time)."""
    now = server_now(headers, now)
    retry_after = value_of(headers, "retry-after")
    if retry_after:
        try:
            return _finite(float(retry_after))
        except ValueError:
            pass
        if (moment := http_date(retry_after)) is not None:
            return max(0.0, moment - now)
    return until_reset(headers, now)


def value_of(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value; nothing where there is none, or one too long to say a time or a number."""
    value = headers.get(name, "").strip()
    return value if len(value) <= HEADER_CHARACTERS else ""


def http_date(text: str) -> float | None:
    """Return the epoch seconds that a date in a header means, or None where it means none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):  # it raises all of them, depending on what is odd
        return None


def _finite(seconds: float) -> float:
    """Return the seconds; what is not a number at all counts as asking for too long."""
    return max(0.0, seconds) if seconds < float("inf") else 2 * WAIT_MOST


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds until `X-RateLimit-Reset`, or None where it is absent or unreadable."""
    now = server_now(headers, now)
    text = value_of(headers, "x-ratelimit-reset")
    if not text or parse_moment(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        reset = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    # A moment without seconds is the minute in which the period ends, by a clock that may differ a little.
    late = _CLOCKS_DIFFER if _WHOLE_MINUTE.search(text) else 0.0
    return max(0.0, reset + late - now)


class Turns:
    """When the next request of one endpoint may go: limits are counted per endpoint and period."""

    def __init__(self) -> None:
        self._not_before = 0.0
        self._left: int | None = None
        self._reset_at = 0.0
        self._under_way = 0

    def wait(self, now: float) -> float:
        """Return the seconds until a request may be sent; 0 for now."""
        if self._left is not None and self._left <= 0 and now < self._reset_at:
            return self._reset_at - now
        return max(0.0, self._not_before - now)

    def leave(self) -> None:
        self._under_way += 1
        if self._left is not None:
            self._left -= 1

    def come_back(self, headers: Mapping[str, str], now: float) -> None:
        """Learn from an answer. Requests still under way may not be counted in its `Remaining` yet."""
        self._under_way -= 1
        left = value_of(headers, "x-ratelimit-remaining")
        reset = until_reset(headers, now)
        if left.isascii() and left.isdigit() and len(left) <= DIGITS and reset is not None:
            self._left = int(left) - self._under_way
            self._reset_at = now + min(reset, WAIT_MOST)

    def hold(self, until: float) -> None:
        self._not_before = max(self._not_before, until)

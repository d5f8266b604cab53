"""Rate limits and backoff: how long to wait before a request or a retry (api handbook 3.1)."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tokendesk.model.bounds import DIGITS, HEADER_CHARACTERS
from tokendesk.model.timestamps import parse_timestamp

ATTEMPTS = 6
ATTEMPTS_LIMITED = 10
"""A 429 says when to come back, so it is retried more often than a failure."""
ATTEMPTS_UNREACHED = 3
"""A host that refuses or stays silent is usually a wrong address: report it soon."""
ATTEMPTS_LOST = 12
"""Once the host has responded, it is the network that loses requests. It may lose one in three."""
BACK_OFF_FIRST = 2.0
BACK_OFF_MAX = 60.0
MAX_WAIT = 15 * 60.0
"""A server that asks for a longer wait counts as failing."""

_CLOCKS_DIFFER = 2.0
_WHOLE_MINUTE = re.compile(r"[T ]\d\d:\d\d(?![:\d])")


def back_off(attempt: int, rng: random.Random) -> float:
    """Return seconds to wait after failed attempt number `attempt`: 2 s doubling to 60 s, with jitter."""
    longest = min(BACK_OFF_MAX, BACK_OFF_FIRST * 2.0 ** (attempt - 1))
    return longest * (0.5 + rng.random() / 2)


def server_now(headers: Mapping[str, str], now: float) -> float:
    """Return the server's current time: its dates follow its own clock, which may differ from ours."""
    theirs = http_date(header_value(headers, "date"))
    if theirs is None:
        return now
    # Rounding to seconds and latency do not count as a difference.
    return theirs if abs(theirs - now) > 2 else now


def clock_ahead(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds by which our clock, at `now`, is ahead of the server's; None without a date header."""
    theirs = http_date(header_value(headers, "date"))
    return None if theirs is None else now - theirs


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a 429 asks for: `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (ISO time)."""
    now = server_now(headers, now)
    value = header_value(headers, "retry-after")
    if value:
        try:
            return _finite_wait(float(value))
        except ValueError:
            pass
        if (moment := http_date(value)) is not None:
            return max(0.0, moment - now)
    return until_reset(headers, now)


def header_value(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value; empty if it is missing or too long for a time or a number."""
    value = headers.get(name, "").strip()
    return value if len(value) <= HEADER_CHARACTERS else ""


def http_date(text: str) -> float | None:
    """Return the epoch seconds of a date in a header, or None if it is not valid."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):  # it raises any of these, depending on the input
        return None


def _finite_wait(seconds: float) -> float:
    """Return the seconds; infinity and NaN count as a wait that is too long."""
    return max(0.0, seconds) if seconds < float("inf") else 2 * MAX_WAIT


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds until `X-RateLimit-Reset`, or None if it is missing or not valid."""
    now = server_now(headers, now)
    text = header_value(headers, "x-ratelimit-reset")
    if not text or parse_timestamp(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        reset = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    # A time without seconds names the minute in which the period ends; the clocks may differ a little.
    late = _CLOCKS_DIFFER if _WHOLE_MINUTE.search(text) else 0.0
    return max(0.0, reset + late - now)


class RateLimiter:
    """When the next request to one endpoint may be sent: limits are counted per endpoint and period."""

    def __init__(self) -> None:
        self._not_before = 0.0
        self._left: int | None = None
        self._reset_at = 0.0
        self._under_way = 0

    def delay(self, now: float) -> float:
        """Return the seconds until a request may be sent; 0 for now."""
        if self._left is not None and self._left <= 0 and now < self._reset_at:
            return self._reset_at - now
        return max(0.0, self._not_before - now)

    def acquire(self) -> None:
        self._under_way += 1
        if self._left is not None:
            self._left -= 1

    def release(self, headers: Mapping[str, str], now: float) -> None:
        """Learn from a response. Requests in flight may not be counted in its `Remaining` yet."""
        self._under_way -= 1
        left = header_value(headers, "x-ratelimit-remaining")
        reset = until_reset(headers, now)
        if left.isascii() and left.isdigit() and len(left) <= DIGITS and reset is not None:
            self._left = int(left) - self._under_way
            self._reset_at = now + min(reset, MAX_WAIT)

    def block_until(self, until: float) -> None:
        self._not_before = max(self._not_before, until)

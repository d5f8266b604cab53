"""Moments as whole seconds since 1970 UTC, lenient when read, words when shown.

The one place that turns a moment into a calendar day: it takes any number in any time zone. Some servers write the
year 1 for a time that was never set, and the year 9999 for one that never comes.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

MINUTE = 60
HOUR = 3_600
DAY = 86_400
MONTH = 30 * DAY
YEAR = 365 * DAY
AHEAD = DAY
"""How far in the future a time may be that has been: clocks differ."""

CADENCES = ("daily", "weekly", "monthly", "quarterly", "irregular", "stopped", "unknown")
"""How often something happens. `daily`: on each day, or on each workday, or more often. `stopped`: it had one of these,
and keeps it no more."""
NEVER = "never"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1, _YEAR_2 = -62_135_596_800, -62_104_060_800
_YEAR_9999, _END = 253_370_764_800, 253_402_300_799
_LAST_OF_WINDOWS = 32_500_000_000
"""In November 2999."""
_BEFORE_YEAR_2 = re.compile(r"-\d|\+?0*[01]-")
_AFTER_9998 = re.compile(r"\+?0*(9999|[1-9]\d{4,})-")


def is_unset(value: object) -> bool:
    """Whether an API answer means by `value` that there never was such a time: the year 1, or one before."""
    if isinstance(value, str) and _BEFORE_YEAR_2.match(value.strip()):
        return True
    second = _second(value)
    return second is not None and second < _YEAR_2


def is_endless(value: object) -> bool:
    """Whether an API answer means by `value` that the time never comes: the year 9999, or one after."""
    if isinstance(value, str) and _AFTER_9998.match(value.strip()):
        return True
    second = _second(value)
    return second is not None and second >= _YEAR_9999


def parse_timestamp(value: object) -> int | None:
    """Return the second that an API answer means, or None where it means none.

    Accepts ISO 8601 with or without fraction and zone (no zone is UTC), and epoch milliseconds, which some
    endpoints use (api handbook 3.4, 6.3). Where the time never was set, that is None; what lies after the year 9999 is
    the end of it.
    """
    if is_unset(value):
        return None
    second = _second(value)
    if second is None:
        return _END if is_endless(value) else None
    return min(second, _END)


def parse_expiry(value: object) -> int | None:
    """Return the second at which something ends, None where it never does."""
    return None if is_endless(value) else parse_timestamp(value)


def is_unread(moment: int | None, sent: str | None) -> bool:
    """Whether a time was sent that nobody here can read: then `moment` is None, and yet there may have been one."""
    return moment is None and bool(sent) and not (is_unset(sent) or is_endless(sent))


def is_recent(moment: int | None, days: int, now: int) -> bool:
    """Whether it was in the last `days` days. Clocks may differ by a day; what is further ahead has not been."""
    return moment is not None and now - days * DAY < moment <= now + AHEAD


def _second(value: object) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        if isinstance(value, int | float):
            return _of_milliseconds(int(value))
        text = str(value).strip()
        if text.isascii() and text.removeprefix("-").isdigit() and len(text) >= 11:
            return _of_milliseconds(int(text))
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() // 1)
    except (ValueError, OverflowError):
        return None


def _of_milliseconds(number: int) -> int | None:
    """A number that no date of JavaScript reaches is not a date."""
    return number // 1000 if abs(number) <= 8_640_000_000_000_000 else None


def utc(moment: int) -> datetime:
    """Return the moment in UTC; one that no calendar holds as the first or last that it does."""
    return _EPOCH + timedelta(seconds=min(max(moment, _YEAR_1), _END))


def local(moment: int, of_system: Callable[[int], datetime] = datetime.fromtimestamp) -> datetime:
    """Return the moment in local time, without a zone; in UTC at either end of the calendar, where none is local.

    Windows knows no local time before 1970 or after 3000: then it is as far from UTC as it was at the nearest moment
    that Windows knows.
    """
    try:
        return of_system(moment)
    except (ValueError, OverflowError, OSError):
        at = utc(moment).replace(tzinfo=None)
        known = DAY if moment < DAY else _LAST_OF_WINDOWS
        with suppress(ValueError, OverflowError, OSError):
            return at + (of_system(known) - utc(known).replace(tzinfo=None))
        return at


def span(seconds: int) -> str:
    """Return a length of time as the largest whole unit: `45 s`, `12 min`, `3 h`, `214 d`, `6 y`.

    Days go up to two years, since "400 d" against a limit of 365 says more than "1 y".
    """
    seconds = abs(seconds)
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h"
    if seconds < 2 * YEAR:
        return f"{seconds // DAY} d"
    return f"{seconds // YEAR:,} y"


def ago(moment: int | None, now: int) -> str:
    """Return `214 d ago`, `in 12 d` or `just now`; empty for None, `never` for one that was never set."""
    if moment is None:
        return ""
    if moment < _YEAR_2:
        return NEVER
    if abs(now - moment) < 10:
        return "just now"
    words = span(now - moment)
    return f"{words} ago" if moment <= now else f"in {words}"


def day(moment: int | None) -> str:
    """Return the local day as `5 Dec 2026`; empty for None, `never` for one that was never set."""
    if moment is None:
        return ""
    if moment < _YEAR_2:
        return NEVER
    at = local(moment)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def iso_day(text: str | None) -> str:
    """Return the day `2026-12-05` as `5 Dec 2026`; what is not a day as it is, nothing for None."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def day_and_time(moment: int | None) -> str:
    """Return the local time as `5 Dec 2026, 09:12`; empty for None, `never` for one that was never set."""
    if moment is None or moment < _YEAR_2:
        return day(moment)
    return f"{day(moment)}, {local(moment):%H:%M}"


def entry_time(moment: datetime) -> str:
    """Return a time to the microsecond, as entries of the desk have it: texts compare as times do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def clock_correction(ahead: float) -> timedelta:
    """Return what to subtract from this computer's times if its clock is measured `ahead` seconds of the server's."""
    # The measurement is in whole seconds and includes transit time.
    return timedelta(seconds=ahead) if abs(ahead) > 2 else timedelta()


def iso(moment: int | None) -> str | None:
    """Return the moment in UTC as `2026-12-05T09:12:33Z`."""
    if moment is None:
        return None
    return utc(moment).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"

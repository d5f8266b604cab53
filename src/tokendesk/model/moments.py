"""Moments as whole seconds since 1970 UTC, lenient when read, words when shown."""

from datetime import UTC, date, datetime

MINUTE = 60
HOUR = 3_600
DAY = 86_400
MONTH = 30 * DAY
YEAR = 365 * DAY

CADENCES = ("daily", "weekly", "monthly", "quarterly", "irregular", "stopped", "unknown")
"""How often something happens. `daily`: on each day, or on each workday, or more often. `stopped`: it had one of these,
and keeps it no more."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_moment(value: object) -> int | None:
    """Return the second that an API answer means, or None where it means none.

    Accepts ISO 8601 with or without fraction and zone (no zone is UTC), and epoch milliseconds, which some
    endpoints use (api handbook 3.4, 6.3).
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        if isinstance(value, int | float):
            return _in_range(int(value) // 1000)
        text = str(value).strip()
        if text.isascii() and text.isdigit() and len(text) >= 11:
            return _in_range(int(text) // 1000)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() // 1)
    except (ValueError, OverflowError):
        return None


def _in_range(second: int) -> int | None:
    return second if -62_135_596_800 <= second <= 253_402_300_799 else None


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
    return f"{seconds // YEAR} y"


def ago(moment: int | None, now: int) -> str:
    """Return `214 d ago`, `in 12 d` or `just now`; empty for None."""
    if moment is None:
        return ""
    if abs(now - moment) < 10:
        return "just now"
    words = span(now - moment)
    return f"{words} ago" if moment <= now else f"in {words}"


def day(moment: int | None) -> str:
    """Return the local day as `5 Dec 2026`; empty for None."""
    if moment is None:
        return ""
    local = datetime.fromtimestamp(moment).astimezone()
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def iso_day(text: str | None) -> str:
    """Return the day `2026-12-05` as `5 Dec 2026`; what is no day as it is, nothing for None."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def day_and_time(moment: int | None) -> str:
    """Return the local time as `5 Dec 2026, 09:12`; empty for None."""
    if moment is None:
        return ""
    return f"{day(moment)}, {datetime.fromtimestamp(moment):%H:%M}"


def iso(moment: int | None) -> str | None:
    """Return the moment in UTC as `2026-12-05T09:12:33Z`."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

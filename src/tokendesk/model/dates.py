"""Dates as users type them: `30d`, `2027-01-31`, `today`."""

import re
from datetime import date, timedelta

from tokendesk.model.text import printable
from tokendesk.model.timestamps import local

_LENGTH = re.compile(r"([0-9]{1,5})\s*(d|w|mo|y)\Z")
_DAYS = {"d": 1, "w": 7, "mo": 30, "y": 365}
EXAMPLES = "30d, 6mo or 2027-01-31"


def today(now: int) -> date:
    """Return the local date at `now`, in epoch seconds."""
    return local(now).date()


def read_day(text: str, now: int) -> str | None:
    """Return the ISO date of `text`, relative to `now`; None if it is empty. Raises ValueError with a message."""
    typed = text.strip().lower()
    if not typed or typed == "none":
        return None
    length = _LENGTH.match(typed)
    try:
        if typed == "today":
            return today(now).isoformat()
        if length:
            return (today(now) + timedelta(days=int(length[1]) * _DAYS[length[2]])).isoformat()
        return date.fromisoformat(typed).isoformat()
    except (ValueError, OverflowError):
        raise ValueError(f"Not a valid date. Write {EXAMPLES}, or leave it empty.") from None


def describe_day(iso: str, now: int) -> str:
    """Return `Thu 31 Dec 2026, in 38 d`; what is not a date, as it is: a colleague's file may say anything."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return printable(iso)
    away = (day - today(now)).days
    distance = "today" if not away else f"in {away:,} d" if away > 0 else f"{-away:,} d ago"
    return f"{day:%a} {day.day} {day:%b} {day.year}, {distance}"

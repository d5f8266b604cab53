"""Clocks: this computer's, measured against the server's, and wrong clocks of other desks.

An entry of kind `clock` says that from a desk's entry `first` on (written at `since`) the desk's clock was `ahead` by
that many seconds. If several apply, the one that starts latest counts; at the same start, the desk's own entry counts.
It no longer applies to a clock that was corrected: its times are before `since` again.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tokendesk.desk.bounds import AHEAD, LAST_SEQUENCE, MOST_MEASURED
from tokendesk.desk.in_effect import is_in_effect
from tokendesk.model.counting import counted
from tokendesk.model.timestamps import clock_correction

CLOCK = "clock"
_KNOWN_FOR = timedelta(days=60)
"""Seconds that a measured difference stays valid. A clock that was corrected, or set back, is trusted at once."""
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def as_time(moment: datetime) -> str:
    """Return a time in the format of entries."""
    return f"{moment.astimezone(UTC):{_FORMAT}}".zfill(27)


def moment_of(time: str) -> datetime:
    moment = datetime.fromisoformat(time)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def earlier(time: str, seconds: float) -> str:
    """Return the time this many seconds before `time`; `time` itself if that is out of range."""
    try:
        return as_time(moment_of(time) - timedelta(seconds=seconds))
    except (ValueError, OverflowError):
        return time


class Statement(NamedTuple):
    """One entry of kind `clock` that was not undone. `own`: the desk wrote it about itself."""

    desk_id: str
    first: int
    since: str
    ahead: float
    own: bool
    place: tuple[str, str, int]
    author: str
    entry_id: str


class Clocks:
    """The wrong clocks of desks; `schema` contains the entries."""

    def __init__(self, db: sqlite3.Connection, schema: str = "main") -> None:
        self._statements: dict[str, list[Statement]] = {}
        for row in db.execute(
            "SELECT c.desk_id, c.first, c.since, c.ahead, e.desk_id, e.time, e.sequence, e.author, e.entry_id"
            f" FROM {schema}.clock AS c JOIN {schema}.entry AS e USING (entry_id)"
        ).fetchall():
            about, first, since, ahead, by, time, sequence, author, entry_id = row
            if is_in_effect(db, entry_id, schema):
                place = (time, by, sequence)
                statement = Statement(about, first, since, ahead, by == about, place, author, entry_id)
                self._statements.setdefault(about, []).append(statement)
        for found in self._statements.values():
            found.sort(key=lambda statement: (statement.first, statement.own, statement.place))

    def __bool__(self) -> bool:
        return bool(self._statements)

    @property
    def wrong(self) -> list[Statement]:
        """Return the clock entries that apply to wrong clocks, by desk and first entry."""
        found = (self._last_of_each(statements) for statements in self._statements.values())
        return [statement for each in found for statement in each if statement.ahead > 0]

    @staticmethod
    def _last_of_each(statements: Sequence[Statement]) -> list[Statement]:
        return list({each.first: each for each in statements}.values())

    def ahead(self, desk_id: str, sequence: int, time: str) -> float:
        """Return by how many seconds the clock of an entry was ahead; 0 if it was right."""
        statement = next((each for each in reversed(self._statements.get(desk_id, ())) if each.first <= sequence), None)
        return statement.ahead if statement is not None and statement.ahead > 0 and time >= statement.since else 0.0

    def shown(self, desk_id: str, sequence: int, time: str) -> str:
        """Return when an entry was written, as far as known."""
        ahead = self.ahead(desk_id, sequence, time)
        return earlier(time, ahead) if ahead else time


def put_statement(db: sqlite3.Connection, entry_id: str, payload: Any) -> None:
    """Store an entry of kind `clock`. Raises ValueError, LookupError or TypeError if it is invalid."""
    desk_id, first, since, ahead = (payload[name] for name in ("desk", "first", "since", "ahead"))
    if not isinstance(desk_id, str) or not isinstance(since, str) or isinstance(first, bool):
        raise TypeError("clock")
    if not isinstance(first, int) or not 1 <= first <= LAST_SEQUENCE:
        raise ValueError("clock")
    moment_of(since)
    db.execute(
        "INSERT OR IGNORE INTO clock VALUES (?, ?, ?, ?, ?)",
        (entry_id, desk_id, first, since, float(timedelta(seconds=float(ahead)).total_seconds())),
    )


def statement(desk_id: str, first: int, since: str, ahead: float) -> dict[str, Any]:
    """Return the payload of an entry of kind `clock`."""
    return {"desk": desk_id, "first": first, "since": since, "ahead": round(ahead, 3)}


def find_ahead(clocks: Clocks, written: Sequence[tuple[str, int, str]], now: datetime) -> list[dict[str, Any]]:
    """Return the clock payloads for desks with entries (desk, sequence, time) in the future."""
    latest = as_time(now + timedelta(seconds=AHEAD))
    found: dict[str, list[tuple[int, str]]] = {}
    for desk_id, sequence, time in written:
        if time > latest and clocks.shown(desk_id, sequence, time) > latest:
            found.setdefault(desk_id, []).append((sequence, time))
    return [
        statement(
            desk_id,
            min(sequence for sequence, _ in entries),
            min(time for _, time in entries),
            (moment_of(max(time for _, time in entries)) - now).total_seconds(),
        )
        for desk_id, entries in sorted(found.items())
    ]


def keep_measured(db: sqlite3.Connection, ahead: float, at: datetime) -> None:
    """Store by how many seconds this computer's clock was ahead of the server's, at its own time `at`."""
    db.execute("INSERT OR REPLACE INTO own_clock VALUES (1, ?, ?)", (ahead, as_time(at)))


def measured(db: sqlite3.Connection, now: datetime) -> float | None:
    """Return by how many seconds this computer's clock is ahead; None if unknown or outdated."""
    row = db.execute("SELECT ahead, at FROM own_clock").fetchone()
    if row is None:
        return None
    try:
        ahead, at = float(row[0]), moment_of(row[1])
        is_valid = abs(ahead) <= MOST_MEASURED and at - timedelta(minutes=5) <= now <= at + _KNOWN_FOR
        return ahead if is_valid else None
    except (TypeError, ValueError, OverflowError):  # in a saved file, whose desk is not ours
        return None


def correction(db: sqlite3.Connection, now: datetime) -> timedelta:
    """Return what to subtract from this computer's time `now`, and from times near it, to date them as entries are."""
    return clock_correction(measured(db, now) or 0.0)


def length_words(seconds: float) -> str:
    """Return roughly `10 years`, `3 days`, `6 minutes`."""
    # The first unit whose rounded count is less than one of the next unit.
    for size, most, name in ((1, 60, "second"), (60, 60, "minute"), (3_600, 24, "hour"), (86_400, 365, "day")):
        if (count := round(seconds / size)) < most:
            return counted(count, name)
    return counted(round(seconds / (365.25 * 86_400)), "year")

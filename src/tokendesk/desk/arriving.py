"""Collects entries from outside in a temporary table, then adds the new ones at once."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import islice
from typing import Any

from tokendesk.desk.bounds import AHEAD
from tokendesk.desk.clocks import CLOCK, Clocks, as_time, find_ahead, statement
from tokendesk.desk.entry import Entry, payload_text

_MAKE = """
CREATE TEMP TABLE arrived (
    entry_id TEXT, desk_id TEXT, sequence INTEGER, time TEXT, author TEXT, kind TEXT, payload TEXT
)
"""
_KNOWN = "DELETE FROM temp.arrived WHERE EXISTS (SELECT 1 FROM main.entry AS e WHERE e.entry_id = arrived.entry_id)"
_TWICE = """
DELETE FROM temp.arrived WHERE rowid NOT IN (SELECT min(rowid) FROM temp.arrived GROUP BY entry_id)
"""
_ADD = "INSERT INTO main.entry SELECT * FROM temp.arrived ORDER BY entry_id"
_INDEX = "SELECT sql FROM main.sqlite_master WHERE type = 'index' AND name = 'entry_by_desk'"
_IS_OWN = "SELECT 1 FROM temp.arrived WHERE desk_id = ? LIMIT 1"
_MANY = 10_000


class Arrivals:
    """The result: `given` entries, of which `new` were added. `refused`: entries with this desk's own id that it may
    not have written."""

    def __init__(self, db: sqlite3.Connection, desk_id: str, given: int, new: int, refused: int) -> None:
        self._db = db
        self._desk_id = desk_id
        self.given, self.new, self.refused = given, new, refused

    def rows(self) -> Iterator[Any]:
        """Yield the new entries in the order of arrival."""
        return self._db.execute(
            "SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM temp.arrived ORDER BY rowid"
        )

    def folded(self) -> Iterator[Any]:
        """Yield the new entries in the columns that are folded, ordered by time."""
        return self._db.execute(
            "SELECT time, desk_id, sequence, author, kind, payload, entry_id FROM temp.arrived"
            " ORDER BY time, desk_id, sequence"
        )

    def authors(self) -> list[tuple[str, int]]:
        return self._db.execute("SELECT author, count(*) FROM temp.arrived GROUP BY author").fetchall()

    def desks(self) -> frozenset[str]:
        """Return the desks of the new entries, and the desks whose clocks they describe."""
        found = self._db.execute(
            "SELECT desk_id FROM temp.arrived"
            " UNION SELECT c.desk_id FROM temp.arrived JOIN main.clock AS c USING (entry_id)"
        )
        return frozenset(row[0] for row in found)

    def wrong_clocks(self, now: datetime) -> list[dict[str, Any]]:
        """Return the clock entries to write for desks whose new entries are dated in the future."""
        latest = as_time(now + timedelta(seconds=AHEAD))
        rows = self._db.execute(
            "SELECT a.desk_id, a.sequence, coalesce(d.written, a.time) FROM temp.arrived AS a"
            " LEFT JOIN main.dated AS d USING (entry_id) WHERE a.time > ? AND a.kind != ?",
            (latest, CLOCK),
        )
        clocks = Clocks(self._db)
        # In chunks: a finding on the first entries covers those that follow.
        found: dict[str, dict[str, Any]] = {}
        while some := list(islice(rows, 10_000)):
            for said in find_ahead(clocks, some, now):
                found[said["desk"]] = _wider(found.get(said["desk"]), said)
        return list(found.values())

    def own_clock(self, now: datetime) -> list[dict[str, Any]]:
        """Return this desk's reply to entries about its own clock.

        The clock was right if the entry's time is not later than the present by the server's clock.
        """
        said = self._db.execute(
            "SELECT c.first, c.since FROM temp.arrived AS a JOIN main.clock AS c USING (entry_id)"
            " WHERE c.desk_id = ? AND a.desk_id != ? AND c.ahead > 0",
            (self._desk_id, self._desk_id),
        )
        latest = as_time(now + timedelta(seconds=AHEAD))
        answers = {first: statement(self._desk_id, first, since, 0.0) for first, since in said if since <= latest}
        return [answers[first] for first in sorted(answers)]


def _wider(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    if one is None:
        return other
    first, since = min(one["first"], other["first"]), min(one["since"], other["since"])
    return statement(one["desk"], first, since, max(one["ahead"], other["ahead"]))


class Own(Enum):
    """How to treat entries with this desk's own id that it does not have."""

    REFUSED = auto()
    """Leave them out: anybody can write an id into a file."""
    CLAIMED = auto()
    """The admin says that this desk wrote them before it was restored from a copy."""
    KNOWN = auto()
    """They come from a place where only this desk writes."""


def receive(db: sqlite3.Connection, desk_id: str, entries: Iterable[Entry], own: Own) -> Arrivals:
    """Add the unknown entries, inside a transaction."""
    for table in ("arrived", "reported", "before"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute(_MAKE)
    db.executemany(
        "INSERT INTO temp.arrived VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((entry.entry_id, *entry[:5], payload_text(entry)) for entry in entries),
    )
    count = _count(db)
    if _is_most(db, count) and not db.execute(_IS_OWN, (desk_id,)).fetchone() and _add_quickly(db):
        return Arrivals(db, desk_id, count, count, 0)
    db.execute(_TWICE)
    given = _count(db)
    db.execute(_KNOWN)
    refused = 0
    if own is Own.CLAIMED:
        refused = _claim_own(db, desk_id)
    elif own is Own.REFUSED:
        refused = db.execute("DELETE FROM temp.arrived WHERE desk_id = ?", (desk_id,)).rowcount
    new = db.execute(_ADD).rowcount
    return Arrivals(db, desk_id, given, max(new, 0), refused)


def _count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM temp.arrived").fetchone()[0])


def _is_most(db: sqlite3.Connection, count: int) -> bool:
    """Return whether many entries arrived, and more than there are."""
    return count > _MANY and db.execute("SELECT 1 FROM main.entry LIMIT 1 OFFSET ?", (count,)).fetchone() is None


def _add_quickly(db: sqlite3.Connection) -> bool:
    """Add the entries, unless one is there already or came twice; return whether they were added.

    Their index is made afterwards: to insert a million entries into it in the order of their ids takes several times
    as long. The table itself refuses an id that it has, so nothing has to be searched for beforehand.
    """
    makes_index = db.execute(_INDEX).fetchone()[0]
    db.execute("DROP INDEX main.entry_by_desk")
    try:
        db.execute(_ADD)
        is_added = True
    except sqlite3.IntegrityError:
        is_added = False
    db.execute(makes_index)
    return is_added


def _claim_own(db: sqlite3.Connection, desk_id: str) -> int:
    """Record which entries came back, and drop those after a gap: return how many.

    A desk writes without gaps. A sequence number far ahead would leave no numbers for new entries.
    """
    row = db.execute("SELECT max(sequence) FROM main.entry WHERE desk_id = ?", (desk_id,)).fetchone()
    last = int(row[0] or 0)
    refused: list[tuple[int]] = []
    found = db.execute(
        "SELECT rowid, sequence, entry_id FROM temp.arrived WHERE desk_id = ? ORDER BY sequence, rowid", (desk_id,)
    ).fetchall()
    for rowid, sequence, entry_id in found:
        if sequence <= last + 1:
            last = max(last, sequence)
            db.execute("INSERT OR IGNORE INTO main.returned VALUES (?)", (entry_id,))
        else:
            refused.append((rowid,))
    db.executemany("DELETE FROM temp.arrived WHERE rowid = ?", refused)
    return len(refused)

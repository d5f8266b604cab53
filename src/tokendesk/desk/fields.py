"""Fields, each written on its own: the latest entry determines the value.

The latest entry is the last by (time, desk, sequence), unless the clock of a desk was wrong. If such a desk writes a
field, the field has a different order: an entry comes after those that it names as overruled and after earlier ones of
its own desk, whatever their times. Of the others, those of wrong clocks come first, since their real time is unknown,
and the rest are ordered by the time of writing.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from tokendesk.desk.clocks import Clocks
from tokendesk.desk.in_effect import is_in_effect

Place = tuple[str, str, str]
"""The kind of subject (token, user, policy, goal), its id, and the name of the field."""


class FieldValue(NamedTuple):
    value: str | None
    time: str
    author: str


class Writing(NamedTuple):
    """An entry that writes a field, ordered by `time`. `written`: the real time; `over`: entries that it overrules."""

    time: str
    desk_id: str
    sequence: int
    entry_id: str
    value: str | None
    author: str
    written: str
    over: tuple[str, ...]


_WRITINGS = """
SELECT w.time, e.desk_id, e.sequence, w.entry_id, w.value, e.author, coalesce(d.written, w.time), d.over
FROM {schema}.written AS w JOIN {schema}.entry AS e ON e.entry_id = w.entry_id
LEFT JOIN {schema}.dated AS d ON d.entry_id = w.entry_id
WHERE w.about = ? AND w.subject = ? AND w.name = ? ORDER BY w.time DESC
"""


def writings(db: sqlite3.Connection, place: Place, schema: str = "main") -> Iterator[Writing]:
    """Yield the entries that write a field, latest first; in any order at the same time."""
    for *row, over in db.execute(_WRITINGS.format(schema=schema), place):
        time, desk_id, sequence, entry_id, value, author, written = row
        named = tuple(json.loads(over)) if over else ()
        yield Writing(time, desk_id, sequence, entry_id, value, author, written, named)


def latest(db: sqlite3.Connection, clocks: Clocks, place: Place) -> Writing | None:
    """Return the entry that determines the value of a field."""
    if clocks:
        found = in_order(clocks, sorted(writings(db, place)))
        return next((each for each in reversed(found) if is_in_effect(db, each.entry_id)), None)
    for _, alike in groupby(writings(db, place), key=lambda each: each.time):
        if standing := [each for each in alike if is_in_effect(db, each.entry_id)]:
            return max(standing)
    return None


def in_order(clocks: Clocks, found: Iterable[Writing]) -> list[Writing]:
    """Return the entries that write a field, given by time, desk and sequence, in the order that counts."""
    found = list(found)
    if not any(clocks.ahead(each.desk_id, each.sequence, each.written) for each in found):
        return found
    keys: dict[str, tuple[str, int]] = {}
    last_of: dict[str, str] = {}
    ordered: list[tuple[tuple[str, int], Writing]] = []
    for each in found:
        ahead = clocks.ahead(each.desk_id, each.sequence, each.written)
        shown = clocks.shown(each.desk_id, each.sequence, each.written)
        key = (f"!{shown}" if ahead else shown, 0)  # before all known times
        for seen in (*each.over, last_of.get(each.desk_id, "")):
            if seen in keys and keys[seen] >= key:
                key = (keys[seen][0], keys[seen][1] + 1)
        keys[each.entry_id] = key
        last_of[each.desk_id] = each.entry_id
        ordered.append((key, each))
    return [each for _, each in sorted(ordered, key=lambda pair: (pair[0], pair[1]))]


def fold_field(db: sqlite3.Connection, clocks: Clocks, place: Place) -> None:
    """Store the current value of a field."""
    found = latest(db, clocks, place)
    if found is None:
        db.execute("DELETE FROM field WHERE about = ? AND subject = ? AND name = ?", place)
        return
    shown = clocks.shown(found.desk_id, found.sequence, found.written)
    db.execute(
        "INSERT OR REPLACE INTO field VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, found.value, shown, found.author, found.desk_id, found.sequence),
    )


def fields_of(db: sqlite3.Connection, about: str, subject: str) -> dict[str, FieldValue]:
    """Return all fields ever written on a subject, latest last; cleared ones have the value None."""
    rows = db.execute(
        "SELECT name, value, time, author FROM field WHERE about = ? AND subject = ? ORDER BY time, desk_id, sequence",
        (about, subject),
    )
    return {name: FieldValue(value, time, author) for name, value, time, author in rows}


_ENDS = "SELECT (SELECT min(desk_id) FROM entry), (SELECT max(desk_id) FROM entry)"  # two looks into the index


def overruled(db: sqlite3.Connection, desk_id: str, places: Iterable[Place], now: str) -> tuple[str, list[str]]:
    """Return the latest time that a new entry on these fields must follow, or "", and the entries that it overrules.

    These are the latest entry of each other desk on each field, unless this desk's own entry overrules it already, and
    own entries only if their time is in the future.
    """
    first, last = db.execute(_ENDS).fetchone()
    alone = first is None or first == last == desk_id
    after, over = "", {}
    for place in places:
        own: Writing | None = None
        others: dict[str, Writing] = {}
        for each in _ahead(db, place, now) if alone else writings(db, place):
            if each.time >= now:
                after = max(after, each.time)
            if each.desk_id != desk_id:
                if each.desk_id not in others or each.sequence > others[each.desk_id].sequence:
                    others[each.desk_id] = each
            elif own is None or each.sequence > own.sequence:
                own = each
        named = {each.entry_id: each.time for each in others.values() if own is None or each.entry_id not in own.over}
        if own is not None and own.time >= now:
            named[own.entry_id] = own.time
        over.update(named)
    return after, sorted(over, key=lambda entry_id: (over[entry_id], entry_id))


def _ahead(db: sqlite3.Connection, place: Place, now: str) -> Iterator[Writing]:
    for each in writings(db, place):
        if each.time < now:
            return
        yield each


def canonical_value(value: Any) -> str | None:
    """Empty texts, false and null all mean that the field is empty."""
    return str(value) if value not in (None, "", False) else None

"""Fields that are written one by one: what each says is what its latest entry says, by (time, desk, sequence)."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokendesk.desk.folding import Folded


class FieldValue(NamedTuple):
    value: str | None
    time: str
    author: str


_PUT = """
INSERT INTO field VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value, time = excluded.time, author = excluded.author,
    desk_id = excluded.desk_id, sequence = excluded.sequence
WHERE (excluded.time, excluded.desk_id, excluded.sequence) > (time, desk_id, sequence)
"""


def put_fields(db: sqlite3.Connection, entry: Folded, about: str, subjects: Iterable[str]) -> None:
    """Fold `payload["fields"]` of an entry on each of `subjects`."""
    time, desk_id, sequence = entry.moment
    for subject in subjects:
        for name, value in entry.payload["fields"].items():
            row = (about, subject, name, _canonical(value), time, entry.author, desk_id, sequence)
            db.execute(_PUT, row)


def fields_of(db: sqlite3.Connection, about: str, subject: str) -> dict[str, FieldValue]:
    """Return the fields ever written on a subject, the latest last; emptied ones have the value None."""
    rows = db.execute(
        "SELECT name, value, time, author FROM field WHERE about = ? AND subject = ? ORDER BY time, desk_id, sequence",
        (about, subject),
    )
    return {name: FieldValue(value, time, author) for name, value, time, author in rows}


def _canonical(value: object) -> str | None:
    """Empty texts, false and null all mean that the field is empty."""
    return str(value) if value not in (None, "", False) else None

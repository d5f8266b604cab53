"""From entries to the tables that screens read. Any order of the same entries gives the same tables.

A field of a note is what its latest entry says, by (time, desk, sequence). An `undo` entry takes the entry it
names out of the fold, and may be undone itself.
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from tokendesk.model.text import fold

_FIELDS = ("purpose", "contact", "decision", "target", "review_by", "remarks")
_TAG = "tag:"


def refold(db: sqlite3.Connection, kind: str) -> None:
    """Bring the folded tables up to date after one new entry of this desk."""
    if kind == "undo":
        rebuild(db)
    else:
        _fold_entries(db, _latest(db))


def rebuild(db: sqlite3.Connection) -> None:
    """Fold all entries anew."""
    for table in ("note_field", "note", "note_tag", "policy_fact"):
        db.execute(f"DELETE FROM {table}")
    _fold_entries(db, _standing(db))


def _latest(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT time, desk_id, sequence, author, kind, payload FROM entry"
        " WHERE desk_id = (SELECT desk_id FROM desk) ORDER BY sequence DESC LIMIT 1"
    ).fetchall()


def _standing(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Return the entries that no standing undo names, oldest first."""
    undoing: dict[str, list[str]] = {}
    for entry_id, payload in db.execute("SELECT entry_id, payload FROM entry WHERE kind = 'undo'"):
        undoing.setdefault(str(json.loads(payload).get("entry")), []).append(entry_id)

    def stands(entry_id: str) -> bool:
        # An undo names an id that is a hash of what came before: no circles.
        return not any(stands(by) for by in undoing.get(entry_id, ()))

    rows = db.execute(
        "SELECT time, desk_id, sequence, author, kind, payload, entry_id FROM entry ORDER BY time, desk_id, sequence"
    )
    return [row[:6] for row in rows if stands(row[6])]


def _fold_entries(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    touched: set[tuple[str, str]] = set()
    for time, desk_id, sequence, author, kind, text in rows:
        payload = json.loads(text)
        if kind == "note":
            subjects = [(payload["about"], subject) for subject in payload["subjects"]]
        elif kind == "policy":
            subjects = [("policy", payload["policy"])]
        else:
            continue
        for about, subject in subjects:
            touched.add((about, subject))
            for field, value in payload["fields"].items():
                db.execute(
                    _PUT_FIELD,
                    (about, subject, field, canonical_value(value), time, author, desk_id, sequence),
                )
    for about, subject in touched:
        if about == "policy":
            _write_policy(db, subject)
        else:
            _write_note(db, about, subject)


_PUT_FIELD = """
INSERT INTO note_field VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value, time = excluded.time, author = excluded.author,
    desk_id = excluded.desk_id, sequence = excluded.sequence
WHERE (excluded.time, excluded.desk_id, excluded.sequence) > (time, desk_id, sequence)
"""

_FIELDS_OF = (
    "SELECT field, value, time, author FROM note_field WHERE about = ? AND subject = ? ORDER BY time, desk_id, sequence"
)


def canonical_value(value: object) -> str | None:
    """Empty texts, false and null all mean that the field is empty."""
    return str(value) if value not in (None, "", False) else None


def _write_note(db: sqlite3.Connection, about: str, subject: str) -> None:
    rows = db.execute(_FIELDS_OF, (about, subject)).fetchall()
    fields = {field: value for field, value, _, _ in rows if value is not None}
    tags = sorted(field.removeprefix(_TAG) for field in fields if field.startswith(_TAG))
    words = [fields.get(name, "") for name in ("purpose", "contact", "remarks")] + tags
    db.execute("DELETE FROM note_tag WHERE about = ? AND subject = ?", (about, subject))
    if not fields:
        db.execute("DELETE FROM note WHERE about = ? AND subject = ?", (about, subject))
        return
    db.execute(
        "INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            about, subject, *(fields.get(name) for name in _FIELDS), "\n".join(tags) or None,
            fold("\n".join(filter(None, words))), rows[-1][2], rows[-1][3],
        ),
    )  # fmt: skip
    db.executemany("INSERT INTO note_tag VALUES (?, ?, ?, ?)", ((about, subject, tag, fold(tag)) for tag in tags))


def _write_policy(db: sqlite3.Connection, policy_id: str) -> None:
    rows = db.execute(_FIELDS_OF, ("policy", policy_id)).fetchall()
    fields = {field: value for field, value, _, _ in rows if value is not None}
    said = next((time for field, value, time, _ in rows if field == "tokens" and value is not None), None)
    name = fields.get("name")
    db.execute(
        "INSERT OR REPLACE INTO policy_fact VALUES (?, ?, ?, ?, ?, ?)",
        (policy_id, name, fields.get("tokens"), said, fields.get("remarks"), fold(name or "")),
    )

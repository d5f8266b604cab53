"""Notes on tokens and users: what they are for, whom to ask, what was decided."""

import sqlite3
from collections.abc import Mapping, Sequence

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.fields import fields_of, put_fields
from tokendesk.desk.folding import Fold, Folded
from tokendesk.errors import UsageError
from tokendesk.model.text import fold

DECISIONS = ("undecided", "keep", "move", "revoke", "ask")
FIELDS = (
    "purpose", "contact", "decision", "target", "review_by", "remarks", "asked_on", "reply_by", "answer", "replaces",
)  # fmt: skip
"""The columns of the table `note` beside tags. `target`: the policy id of a decision "move". `replaces`: the id of
the token that this one took over from. Days are ISO dates."""
TAG = "tag:"
"""Before the name of a tag, a field that is true or empty."""
LONGEST = 10_000


def write_note(desk: Desk, about: str, subjects: Sequence[str], fields: Mapping[str, str | bool | None]) -> Entry:
    """Write `fields` on each of `subjects`, ids of what `about` names (`token`, `user`): one entry, one undo."""
    for field, value in fields.items():
        if field not in FIELDS and not field.startswith(TAG):
            raise ValueError(f"a note has no field {field!r}")
        if isinstance(value, str) and len(value) > LONGEST:
            raise UsageError(f"A {field} may have {LONGEST:,} characters; this one has {len(value):,}. Shorten it.")
    decision = fields.get("decision")
    if decision and decision not in DECISIONS:
        raise UsageError(f"{decision!r} is no decision. Use one of: {', '.join(DECISIONS)}.")
    return desk.append("note", {"about": about, "subjects": list(subjects), "fields": dict(fields)})


def undo(desk: Desk, entry: Entry) -> Entry:
    return desk.append("undo", {"entry": entry.entry_id})


def _put(db: sqlite3.Connection, entries: Sequence[Folded]) -> None:
    touched: set[tuple[str, str]] = set()
    for entry in entries:
        about, subjects = entry.payload["about"], entry.payload["subjects"]
        put_fields(db, entry, about, subjects)
        touched.update((about, subject) for subject in subjects)
    for about, subject in touched:
        _write(db, about, subject)


def _write(db: sqlite3.Connection, about: str, subject: str) -> None:
    found = fields_of(db, about, subject)
    fields = {name: field.value for name, field in found.items() if field.value is not None}
    tags = sorted(name.removeprefix(TAG) for name in fields if name.startswith(TAG))
    words = [fields.get(name, "") for name in ("purpose", "contact", "remarks", "answer")] + tags
    db.execute("DELETE FROM note_tag WHERE about = ? AND subject = ?", (about, subject))
    if not fields:
        db.execute("DELETE FROM note WHERE about = ? AND subject = ?", (about, subject))
        return
    latest = list(found.values())[-1]
    row = {
        "about": about,
        "subject": subject,
        **{name: fields.get(name) for name in FIELDS},
        "tags": "\n".join(tags) or None,
        "folded": fold("\n".join(filter(None, words))),
        "changed": latest.time,
        "author": latest.author,
    }
    db.execute(
        f"INSERT OR REPLACE INTO note ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values())
    )
    db.executemany("INSERT INTO note_tag VALUES (?, ?, ?, ?)", ((about, subject, tag, fold(tag)) for tag in tags))


FOLD = Fold(("note",), ("field", "note", "note_tag"), _put)

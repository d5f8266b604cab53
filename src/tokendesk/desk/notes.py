"""Notes on tokens and users: purpose, contact, decision and more."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tokendesk.desk.bounds import LONGEST_TEXT
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.field_folding import FieldWrite
from tokendesk.desk.fields import canonical_value, fields_of
from tokendesk.desk.folding import FieldRules
from tokendesk.desk.note_fields import CARRIED, DAYS, FIELDS, RENEWALS, TAG, decisions_on
from tokendesk.errors import UsageError
from tokendesk.model.text import fold

LONGEST = LONGEST_TEXT


Fields = Mapping[str, str | bool | None]
"""Values by field name; an empty text clears the field."""


def write_note(desk: Desk, about: str, subjects: Sequence[str], fields: Fields) -> Entry:
    """Write `fields` on each of `subjects`, ids of the kind `about` (`token`, `user`, …): one entry, one undo."""
    return desk.append("note", note_payload(about, subjects, fields))


def note_payload(about: str, subjects: Sequence[str], fields: Fields) -> dict[str, Any]:
    """Return the payload, or refuse invalid values."""
    for field, value in fields.items():
        if field.startswith(TAG):
            _check_tag(field.removeprefix(TAG))
        elif field not in FIELDS:
            raise ValueError(f"a note has no field {field!r}")
        if isinstance(value, str) and len(value) > LONGEST:
            raise UsageError(f"A {field} may have {LONGEST:,} characters; this one has {len(value):,}. Shorten it.")
        if value and field in DAYS:
            _check_day(field, str(value))
    decision = fields.get("decision")
    known = decisions_on(about)
    if decision and decision not in known:
        raise UsageError(f"{decision!r} is not a decision on a {about}. Use one of: {', '.join(known)}.")
    renewal = fields.get("renewal")
    if renewal and renewal not in RENEWALS:
        raise UsageError(f"{renewal!r} is not a state of a renewal. Use one of: {', '.join(RENEWALS)}.")
    written = dict(fields)
    if "decision" in fields and decision != "move":
        # The target belongs to the decision to move; it must not come back with the next decision.
        written.setdefault("target", None)
    return {"about": about, "subjects": list(subjects), "fields": written}


def _check_tag(tag: str) -> None:
    if not tag.strip() or tag != tag.strip() or len(tag) > 100 or any(sign in tag for sign in ",\n\r"):
        raise UsageError(f"{tag[:100]!r} cannot be a tag: use up to 100 characters without commas and line breaks.")


def _check_day(field: str, value: str) -> None:
    try:
        valid = date.fromisoformat(value).isoformat() == value
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{value[:40]!r} is not a day for {field}: write year-month-day, as in 2026-12-31.")


def take_over(desk: Desk, record: str, old_id: str, about: str = "token") -> Entry:
    """Note that a token or credential replaces an older one; copy the fields of the older note that are empty here.

    A decision to keep or to move is copied with its target; one to revoke or to ask was about the old one.
    """
    if record == old_id:
        raise UsageError(f"A {about} cannot replace itself. Name the older one.")
    old, new = desk.fields(about, old_id), desk.fields(about, record)
    there = {name for name, field in new.items() if field.value is not None}
    carried: dict[str, str | bool | None] = {"replaces": old_id}
    for name, field in old.items():
        if field.value is not None and name not in there and (name in CARRIED or name.startswith(TAG)):
            carried[name] = True if name.startswith(TAG) else field.value
    decision = old.get("decision")
    if decision and decision.value in ("keep", "move") and not there & {"decision", "target"}:
        carried["decision"] = decision.value
        if decision.value == "move" and "target" in old:
            carried["target"] = old["target"].value
    return write_note(desk, about, [record], carried)


def undo(desk: Desk, entry: Entry) -> Entry:
    return desk.append("undo", {"entry": entry.entry_id})


def _read(payload: Mapping[str, Any]) -> list[FieldWrite]:
    about, subjects, fields = payload["about"], payload["subjects"], payload["fields"]
    if about == "goal" or not isinstance(subjects, list):  # the goal has no notes
        raise ValueError("note")
    writes = [(name, canonical_value(value)) for name, value in fields.items()]
    return [(about, subject, name, value) for subject in subjects for name, value in writes]


_COLUMNS = ("about", "subject", *FIELDS, "tags", "folded", "changed", "author")
_PUT = f"INSERT OR REPLACE INTO note ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


def _build_rows(db: sqlite3.Connection, about: str, subjects: list[str]) -> None:
    rows: list[tuple[str | None, ...]] = []
    tagged: list[tuple[str, str, str, str]] = []
    empty: list[tuple[str, str]] = []
    for subject in subjects:
        found = fields_of(db, about, subject)
        fields = {name: field.value for name, field in found.items() if field.value is not None}
        if not fields:
            empty.append((about, subject))
            continue
        tags = sorted(name.removeprefix(TAG) for name in fields if name.startswith(TAG))
        words = [fields.get(name, "") for name in ("purpose", "contact", "remarks", "answer")] + tags
        # From a newer version, or made by hand: nothing is planned from it.
        if fields.get("decision") not in decisions_on(about):
            fields.pop("decision", None)
        if fields.get("renewal") not in RENEWALS:
            fields.pop("renewal", None)
        latest = list(found.values())[-1]
        rows.append((
            about, subject, *(fields.get(name) for name in FIELDS), "\n".join(tags) or None,
            fold("\n".join(filter(None, words))), latest.time, latest.author,
        ))  # fmt: skip
        tagged += [(about, subject, tag, fold(tag)) for tag in tags]
    db.executemany("DELETE FROM note_tag WHERE about = ? AND subject = ?", ((about, subject) for subject in subjects))
    db.executemany("DELETE FROM note WHERE about = ? AND subject = ?", empty)
    db.executemany(_PUT, rows)
    db.executemany("INSERT INTO note_tag VALUES (?, ?, ?, ?)", tagged)


FIELD_RULES = FieldRules("note", _read, _build_rows)

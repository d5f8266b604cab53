"""Exports notes as a table for spreadsheets, and imports it: the newest value wins, after a preview."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from tokendesk.desk.entries import Desk
from tokendesk.desk.merging import Difference
from tokendesk.desk.note_fields import FIELDS, TAG
from tokendesk.desk.notes import note_payload
from tokendesk.errors import UsageError
from tokendesk.reporting.spreadsheets import drawn, guard, read_table, unguard
from tokendesk.views.reader import Reader

_COLUMNS = ("about", "id", "name", "owner", *FIELDS, "tags", "changed", "author")

_ABOUT = ("token", "user", "credential")
_KINDS = f"{', '.join(_ABOUT[:-1])} or {_ABOUT[-1]}"

_NOTES = """
SELECT n.*,
    coalesce(t.label, u.name, k.name, (SELECT c.label FROM history.change AS c WHERE c.record = n.subject)) AS name,
    coalesce((SELECT r.owner FROM temp.token_row AS r WHERE r.id = t.id), k.account_name, k.maker_name) AS owner
FROM desk.note AS n
LEFT JOIN main.token AS t ON n.about = 'token' AND t.token_id = n.subject
LEFT JOIN main.user AS u ON n.about = 'user' AND u.account_id = n.subject
LEFT JOIN credential AS k ON n.about = 'credential' AND k.record = n.subject
ORDER BY n.about, n.subject
"""


def write_notes(out: TextIO, reader: Reader) -> int:
    """Write one row per note; return how many."""
    writer = csv.writer(out, lineterminator="\r\n")  # so that line breaks of both kinds are quoted
    writer.writerow(_COLUMNS)
    draw = drawn(out)
    count = 0
    for row in reader.db.execute(_NOTES):
        tags = ", ".join((row["tags"] or "").split("\n"))
        values = {**dict(row), "id": row["subject"], "tags": tags}
        writer.writerow([draw(guard(values[name] or "")) for name in _COLUMNS])
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class TableChanges:
    """The changes of a table of notes. `written`: by record, the fields that differ and are not older than ours."""

    written: tuple[tuple[str, str, Mapping[str, str | bool | None]], ...]
    fresh: tuple[tuple[str, str], ...]
    changed: tuple[Difference, ...]
    conflicting: tuple[Difference, ...]
    subjects: tuple[tuple[str, str], ...]
    spoiled: tuple[str, ...]

    def keep(self, desk: Desk) -> int:
        """Write all changes in one transaction; return the number of entries."""
        payloads = [note_payload(about, [subject], fields) for about, subject, fields in self.written]
        return len(desk.append_all([("note", payload) for payload in payloads])) if payloads else 0


def read_notes(content: bytes, desk: Desk, what: str) -> TableChanges:
    """Return the changes of a table. A missing column changes nothing, an empty cell clears the field.

    A field is written if the row's `changed` is not older than the field on the desk: a table that was exported,
    edited and imported wins, unless somebody changed that field in between.
    """
    rows = read_table(content, what)
    if rows and not {"about", "id"} <= set(rows[0]):
        raise UsageError(f"{what} has no columns about and id. Make a table with: tokendesk notes export --format csv")
    written: list[tuple[str, str, Mapping[str, str | bool | None]]] = []
    fresh: list[tuple[str, str]] = []
    changed: list[Difference] = []
    conflicting: list[Difference] = []
    spoiled: list[str] = []
    subjects: dict[tuple[str, str], None] = {}
    for number, row in enumerate(rows, 2):
        about, subject = row.get("about", "").strip().lower(), unguard(row.get("id", "")).strip()
        if about not in _ABOUT or not subject or (about, subject) in subjects:
            why = "a second row on the same one" if (about, subject) in subjects else f"about must be {_KINDS}"
            spoiled.append(f"row {number:,}: {why}")
            continue
        ours = desk.fields(about, subject)
        said = _fields_of(row, [name for name, field in ours.items() if field.value is not None])
        fields: dict[str, str | bool | None] = {}
        overwritten: list[Difference] = []
        older: list[Difference] = []
        for name, value in said.items():
            mine = ours.get(name)
            old = mine.value if mine else None
            new = ("True" if value else None) if isinstance(value, bool) else value or None
            if new == old:
                continue
            difference = Difference((about, subject, name), old, new)
            if mine and row.get("changed", "").strip() and mine.time > row["changed"].strip():
                older.append(Difference(difference.place, old, new, kept=True))
                continue
            fields[name] = value
            if old is not None:
                overwritten.append(difference)
        try:
            note_payload(about, [subject], fields)
        except UsageError as error:
            spoiled.append(f"row {number:,}: {error}")
            continue
        subjects[about, subject] = None
        changed += overwritten
        conflicting += older
        if fields:
            written.append((about, subject, fields))
            if not any(field.value is not None for field in ours.values()):
                fresh.append((about, subject))
    return TableChanges(
        tuple(written), tuple(fresh), tuple(changed), tuple(conflicting), tuple(subjects), tuple(spoiled)
    )  # fmt: skip


def _fields_of(row: Mapping[str, str], there: Sequence[str]) -> dict[str, str | bool | None]:
    """Return the fields of a row. `there`: the fields that have values now."""
    said: dict[str, Any] = {name: unguard(row[name]) for name in FIELDS if name in row}
    if "tags" in row:
        tags = {tag.strip() for tag in unguard(row["tags"]).split(",")} - {""}
        said.update({TAG + tag: True for tag in tags})
        said.update({name: False for name in there if name.startswith(TAG) and name.removeprefix(TAG) not in tags})
    return said

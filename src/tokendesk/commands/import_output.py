"""Prints what an import changes: as a preview in words, or as JSON."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tokendesk.commands.import_preview import preview_lines, unknown_subjects
from tokendesk.commands.json_output import print_json
from tokendesk.desk.merging import Difference, Merge
from tokendesk.reporting.notes_csv import TableChanges
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.documents import notes


def print_preview(reader: Reader, news: Merge | TableChanges) -> None:
    for line in preview_lines(reader, news.fresh, news.changed, news.conflicting, news.subjects):
        print(line)


def print_import(
    reader: Reader,
    news: Merge | TableChanges,
    name: str,
    *,
    applied: bool,
    rows: int,
    new: int,
    skipped: Sequence[str],
    skipped_lines: int,
    authors: Mapping[str, int] | None = None,
    refused: int = 0,
) -> None:
    document: notes.ImportDocument = {
        "document": "import",
        "version": 1,
        "file": name,
        "applied": applied,
        "rows": rows,
        "new": new,
        "authors": dict(authors or {}),
        "fresh": [_subject(each) for each in news.fresh],
        "changed": [_field(each) for each in news.changed],
        "conflicting": [_field(each) for each in news.conflicting],
        "unknown": [_subject(each) for each in unknown_subjects(reader, news.subjects)],
        "skipped": list(skipped),
        "skipped_lines": skipped_lines,
        "refused": refused,
    }
    print_json(document)


def _subject(subject: tuple[str, str]) -> "notes.Subject":
    return {"about": subject[0], "record": subject[1]}


def _field(found: Difference) -> "notes.Field":
    about, record, name = found.place
    return {"about": about, "record": record, "name": name, "ours": found.ours, "theirs": found.theirs}

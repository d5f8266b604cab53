"""Prints what a command wrote on the desk, as words or as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokendesk.commands.desk_access import describe_entry
from tokendesk.commands.json_output import print_json
from tokendesk.desk.entries import Entry
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.documents.notes import NoteDocument


class WrittenEntries:
    """The entries that a command wrote. `as_json`: they are printed at the end, as one document."""

    def __init__(self, reader: Reader, *, as_json: bool) -> None:
        self._reader, self._as_json = reader, as_json
        self._found: list[tuple[Entry, str]] = []

    def add(self, entry: Entry) -> None:
        words = describe_entry(entry, self._reader)
        self._found.append((entry, words))
        self.say(f"Wrote {words}.")

    def add_undone(self, entries: Sequence[Entry], words: str) -> None:
        self._found += [(entry, words) for entry in entries]
        self.say(f"{words}.")

    def say(self, words: str) -> None:
        if not self._as_json:
            print(words)

    def end(self, about: str | None, records: Sequence[str], *, undone: bool = False) -> None:
        """Print the document, if JSON was asked for."""
        if not self._as_json:
            return
        document: NoteDocument = {
            "document": "note",
            "version": 1,
            "about": about,
            "records": list(records),
            "entries": [
                {"id": entry.entry_id, "kind": entry.kind, "time": entry.time, "author": entry.author, "words": words}
                for entry, words in self._found
            ],
            "undone": undone,
        }
        print_json(document)

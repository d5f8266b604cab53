"""One entry, and its id.

An entry's id is the SHA-256 of the canonical JSON of (desk id, sequence, time, author, kind, payload): sorted
keys, no spaces, UTF-8. An edit shows by the id, a loss by a gap in the sequence, a copied desk by two ids at
one place. This format is fixed.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Entry(NamedTuple):
    desk_id: str
    sequence: int
    time: str
    author: str
    kind: str
    payload: Mapping[str, Any]

    @property
    def entry_id(self) -> str:
        return id_of(self, canonical(self.payload))


class ReadEntry(Entry):
    """An entry with its payload in canonical form, `text`, and its id, `known_id`, both found once."""

    text: str
    known_id: str

    @property
    def entry_id(self) -> str:
        return self.known_id


def read_entry(*parts: Any) -> ReadEntry:
    """Return an entry of these parts. Raises ValueError or RecursionError where they are not text."""
    entry = ReadEntry(*parts)
    entry.text = canonical(entry.payload)
    entry.known_id = id_of(entry, entry.text)
    return entry


def id_of(entry: Entry, text: str) -> str:
    """Return the id of an entry whose payload has this canonical form."""
    import hashlib

    return hashlib.sha256(f"{canonical(entry[:5])[:-1]},{text}]".encode()).hexdigest()


def canonical(value: Any) -> str:
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_text(entry: Entry) -> str:
    return entry.text if isinstance(entry, ReadEntry) else canonical(entry.payload)

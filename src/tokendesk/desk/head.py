"""The chain of a desk's entries: one hash over all of them."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass

from tokendesk.desk.entry import Entry


@dataclass(frozen=True, slots=True)
class Head:
    """The entries of one desk from the first to number `length`. `sha256`: the hash over their ids, each chained to the
    previous hash. `faults`: numbers where an entry does not match its id, is missing, or is duplicated."""

    desk_id: str
    length: int
    sha256: str
    faults: tuple[int, ...]


def chain_head(db: sqlite3.Connection, desk_id: str, until: int, table: str = "entry") -> Head:
    """Return the head of the chain of `desk_id` up to number `until`; checks every entry against its id."""
    head, faults, expected = "", [], 0
    for entry_id, sequence, time, author, kind, payload in db.execute(
        f"SELECT entry_id, sequence, time, author, kind, payload FROM {table}"
        " WHERE desk_id = ? AND sequence <= ? ORDER BY sequence, entry_id",
        (desk_id, until),
    ):
        expected += 1
        fits = Entry(desk_id, sequence, time, author, kind, json.loads(payload)).entry_id == entry_id
        if not fits or sequence != expected:
            faults.append(sequence)
            expected = sequence
        head = hashlib.sha256(f"{head}{entry_id}".encode()).hexdigest()
    if expected < until:
        faults.append(until)
    return Head(desk_id, until, head, tuple(faults))

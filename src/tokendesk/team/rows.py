"""Reads an entry from its row, and checks that it is what its columns say."""

from itertools import chain

from tokendesk.desk.entries import Entry
from tokendesk.desk.lines import InvalidLine, head_line, read_lines
from tokendesk.model.text import printable


def read_row(org_id: str, desk_id: str, entry_id: str, sequence: int, body: str) -> Entry | str:
    """Return the entry, or a sentence without its end on what is wrong with it."""
    found = next(iter(read_lines(chain([head_line(desk_id, org_id)], [body]), org_id)), None)
    where = f"entry {sequence} of desk {printable(desk_id)}"
    if not isinstance(found, Entry):
        return f"{where}: {printable(found.reason if isinstance(found, InvalidLine) else 'empty')}"
    if (found.entry_id, found.desk_id, found.sequence) != (entry_id, desk_id, sequence):
        return f"{where} is another entry than its row says"
    return found

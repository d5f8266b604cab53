"""What renewed what, as noted: an integration over the years is a chain of tokens or credentials."""

from tokendesk.model.text import shorten
from tokendesk.views.notes import names_of
from tokendesk.views.reader import Reader

_REPLACED = "SELECT replaces FROM desk.note WHERE about = ? AND subject = ? AND replaces IS NOT NULL"


def renewal_chain(reader: Reader, about: str, record: str) -> list[str]:
    """Return the record and those that it replaces, one after the other, newest first."""
    found = [record]
    while (row := reader.db.execute(_REPLACED, (about, found[-1])).fetchone()) and row[0] not in found:
        found.append(row[0])
    return found


def chain_names(reader: Reader, about: str, chain: list[str]) -> dict[str, str]:
    """Return what the predecessors in a chain are called; nothing for the newest, whose name everybody sees."""
    known = names_of(reader, about, chain[1:])
    return {record: shorten(known.get(record, record)) for record in chain[1:]}

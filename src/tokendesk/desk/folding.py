"""From entries to the tables that screens read. Any order of the same entries gives the same tables.

Which kinds of entries are folded how is told by the modules that own them (`FOLDS`). An `undo` entry takes the
entry it names out of the fold, and may be undone itself.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple


class Folded(NamedTuple):
    """One entry as a fold sees it. `moment`: (time, desk, sequence), by which entries are ordered."""

    moment: tuple[str, str, int]
    author: str
    kind: str
    payload: Mapping[str, Any]
    entry_id: str


class Fold(NamedTuple):
    """How entries of some kinds become rows of some tables. `put` is called with entries in any order."""

    kinds: tuple[str, ...]
    tables: tuple[str, ...]
    put: Callable[[sqlite3.Connection, Sequence[Folded]], None]


_FOLDERS = ("notes", "policies", "goals", "runs")
"""The modules of this room that have a `FOLD`."""


def folds() -> list[Fold]:
    return [import_module(f"tokendesk.desk.{name}").FOLD for name in _FOLDERS]


def fold_in(db: sqlite3.Connection, entries: Sequence[Folded]) -> None:
    """Bring the folded tables up to date after these entries were added."""
    # An entry that comes late, from another desk, may have been undone already.
    undone = {str(json.loads(row[0]).get("entry")) for row in db.execute(_UNDOS)}
    if any(entry.kind == "undo" or entry.entry_id in undone for entry in entries):
        rebuild(db)
        return
    _put(db, entries)


_RUN = "run-"
"""What a run did is done: it is taken back by another run, never by an entry that says it was not."""
_UNDOS = "SELECT payload FROM entry WHERE kind = 'undo'"


def rebuild(db: sqlite3.Connection) -> None:
    """Fold all entries anew."""
    for fold in folds():
        for table in fold.tables:
            db.execute(f"DELETE FROM {table}")
    _put(db, _standing(db))


def _put(db: sqlite3.Connection, entries: Sequence[Folded]) -> None:
    for fold in folds():
        mine = [entry for entry in entries if entry.kind in fold.kinds]
        if mine and not _tried(db, fold, mine):
            for entry in mine:
                _tried(db, fold, [entry])


_MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


def _tried(db: sqlite3.Connection, fold: Fold, entries: Sequence[Folded]) -> bool:
    """Fold entries; those that are not of the shape this version knows are kept as entries and fold to nothing.

    They came from another desk, perhaps a newer one, and must not stand in the way of all others.
    """
    db.execute("SAVEPOINT folding")
    try:
        fold.put(db, entries)
    except (*_MISSHAPEN, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
        db.execute("ROLLBACK TO folding")
        return False
    finally:
        db.execute("RELEASE folding")
    return True


def standing_test(db: sqlite3.Connection, table: str = "entry") -> Callable[[str], bool]:
    """Return the test whether no standing undo names an entry, given its id. `table`: where the entries are."""
    undoing: dict[str, list[str]] = {}
    for entry_id, payload in db.execute(f"SELECT entry_id, payload FROM {table} WHERE kind = 'undo'"):
        undoing.setdefault(str(json.loads(payload).get("entry")), []).append(entry_id)

    known: dict[str, bool] = {}
    opened: set[str] = set()

    def stands(entry_id: str) -> bool:
        # Without recursion: a chain of undos may be longer than Python's stack. An undo names an id that is a hash of
        # what came before, so there are no circles; in a file that was edited they must not turn for ever.
        waiting = [entry_id]
        while waiting:
            one = waiting[-1]
            opened.add(one)
            ahead = [by for by in undoing.get(one, ()) if by not in known and by not in opened]
            if ahead:
                waiting += ahead
            else:
                known[waiting.pop()] = not any(known.get(by, False) for by in undoing.get(one, ()))
        return known[entry_id]

    return stands


def _standing(db: sqlite3.Connection) -> list[Folded]:
    """Return the entries that no standing undo names, oldest first."""
    stands = standing_test(db)
    rows = db.execute(
        "SELECT time, desk_id, sequence, author, kind, payload, entry_id FROM entry ORDER BY time, desk_id, sequence"
    )
    return [
        Folded((time, desk_id, sequence), author, kind, json.loads(payload), entry_id)
        for time, desk_id, sequence, author, kind, payload, entry_id in rows
        if stands(entry_id) or kind.startswith(_RUN)
    ]

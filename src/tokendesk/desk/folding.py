"""Folds entries into the tables that screens read. Any order of the same entries gives the same tables.

Each kind of entry is interpreted by its own module: those that write fields (`FIELD_RULES`) and those of runs. An
`undo` entry removes the entry it names from the fold, and may be undone itself; a `clock` entry changes the order of
one desk's entries. Folding an entry updates only what it touches.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from tokendesk.desk.bounds import LAST_SEQUENCE, MOST_OVERRULED
from tokendesk.desk.clocks import CLOCK, Clocks, moment_of, put_statement
from tokendesk.desk.field_folding import BuildRows, FieldFolder, FieldWrite
from tokendesk.desk.json_text import decoded


class Folded(NamedTuple):
    """An entry to fold. `moment`: (time, desk, sequence), the order of entries."""

    moment: tuple[str, str, int]
    author: str
    kind: str
    payload: Mapping[str, Any]
    entry_id: str


class FieldRules(NamedTuple):
    """How the entries of one kind write fields, and how fields become rows."""

    kind: str
    read: Callable[[Mapping[str, Any]], list[FieldWrite]]
    build_rows: BuildRows
    about: str | None = None
    """The kind of subject if it is fixed for this kind of entry; None if the entry names it."""


_FIELD_MODULES = ("notes", "policies", "goals")
"""The modules of this package that define `FIELD_RULES`."""


def _all_field_rules() -> list[FieldRules]:
    return [import_module(f"tokendesk.desk.{name}").FIELD_RULES for name in _FIELD_MODULES]


def written_fields(kind: str, payload: Mapping[str, Any]) -> list[FieldWrite]:
    """Return the fields that an entry writes; none if its kind or shape is unknown."""
    rules = next((each for each in _all_field_rules() if each.kind == kind), None)
    return _read(rules, payload) if rules else []


_TABLES = ("written", "dated", "undoing", "clock", "run_entry", "field", "note", "note_tag", "policy_fact", "goal")
_RUN_TABLES = ("run", "run_row", "run_batch", "run_aside", "moved", "revoked")
_TOGETHER = 200
"""How many steps of runs are folded at a time: they contain whole plans."""
_MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
_ENTRIES = "SELECT time, desk_id, sequence, author, kind, payload, entry_id FROM entry"


def fold_in(db: sqlite3.Connection, entries: Iterable[Folded], *, report: bool = False) -> None:
    """Update the folded tables after these entries were added.

    `report`: keep what they write (temp.reported) and the previous values of the fields they touch (temp.before).
    """
    from tokendesk.desk import runs

    rules = {each.kind: each for each in _all_field_rules()}
    fields = FieldFolder(db, report=report)
    steps = _Steps(db)
    followed: set[str] = set()
    for entry in entries:
        _put_dated(db, entry)
        if entry.kind in rules:
            fields.write(entry.moment[0], entry.entry_id, _read(rules[entry.kind], entry.payload))
        elif entry.kind in runs.KINDS:
            steps.add(entry)
        elif entry.kind == "undo":
            named = str(entry.payload.get("entry"))
            db.execute("INSERT OR IGNORE INTO undoing VALUES (?, ?)", (named, entry.entry_id))
        elif entry.kind == CLOCK:
            _try_fold(db, partial(put_statement, db, entry.entry_id, entry.payload))
        if entry.kind in ("undo", CLOCK):
            steps.again |= _touch_named(db, entry, rules, fields, followed)
    clocks = Clocks(db)
    steps.fold(clocks)
    fields.fold(clocks, {each.about: each.build_rows for each in rules.values()})


def fold_rows(db: sqlite3.Connection, rows: Iterable[Sequence[Any]], *, report: bool = False) -> None:
    """Fold rows with the columns of ENTRIES."""
    fold_in(db, map(_folded, rows), report=report)


def rebuild(db: sqlite3.Connection) -> None:
    """Fold all entries again, a few at a time."""
    for table in (*_TABLES, *_RUN_TABLES):
        db.execute(f"DELETE FROM {table}")
    fold_rows(db, db.execute(f"{_ENTRIES} ORDER BY time, desk_id, sequence"))


def _folded(row: Sequence[Any]) -> Folded:
    time, desk_id, sequence, author, kind, payload, entry_id = row
    return Folded((time, desk_id, sequence), author, kind, decoded(payload), entry_id)


def _entry(db: sqlite3.Connection, entry_id: str) -> Folded | None:
    row = db.execute(f"{_ENTRIES} WHERE entry_id = ?", (entry_id,)).fetchone()
    return None if row is None else _folded(row)


def _put_dated(db: sqlite3.Connection, entry: Folded) -> None:
    payload = entry.payload
    if "written" not in payload and "over" not in payload:
        return
    over = payload.get("over")
    named = [each for each in over[:MOST_OVERRULED] if isinstance(each, str)] if isinstance(over, list) else []
    written = payload.get("written")
    try:
        # Only an entry that overrules others may have a later time than the time of writing.
        believed = (
            written if named and isinstance(written, str) and moment_of(written) < moment_of(entry.moment[0]) else None
        )
    except ValueError:
        believed = None
    db.execute("INSERT OR REPLACE INTO dated VALUES (?, ?, ?)", (entry.entry_id, believed, json.dumps(named)))


def _read(rules: FieldRules, payload: Mapping[str, Any]) -> list[FieldWrite]:
    """Return the fields that an entry writes; none if this version does not know its shape.

    It may come from a newer version on another desk, and must not block all other entries.
    """
    try:
        fields = rules.read(payload)
    except _MISSHAPEN:
        return []
    for about, subject, name, value in fields:
        if type(about) is not str or type(subject) is not str or type(name) is not str:
            return []
        if value is not None and type(value) is not str:
            return []
    return fields


def _touch_named(
    db: sqlite3.Connection, entry: Folded, rules: Mapping[str, FieldRules], fields: FieldFolder, followed: set[str]
) -> set[str]:
    """Touch the fields of the undone entry, or of the desk with the wrong clock; return the runs to fold again.

    `followed`: undos whose chain was followed already, so the end of the chain is touched.
    """
    from tokendesk.desk import runs

    named: Folded | None = entry
    while named is not None and named.kind == "undo":
        if named.entry_id in followed:
            return set()
        followed.add(named.entry_id)
        named = _entry(db, str(named.payload.get("entry")))
    if named is None:
        return set()
    if named.kind in rules:
        fields.touch(_read(rules[named.kind], named.payload))
    elif named.kind == runs.QUARANTINE:
        return {runs.run_of(named)}
    elif named.kind == CLOCK:
        return _touch_desk(db, named.payload, rules, fields)
    return set()


def _touch_desk(
    db: sqlite3.Connection, payload: Mapping[str, Any], rules: Mapping[str, FieldRules], fields: FieldFolder
) -> set[str]:
    from tokendesk.desk import runs

    found: set[str] = set()
    desk_id, first = payload.get("desk"), payload.get("first")
    if not isinstance(desk_id, str) or not isinstance(first, int) or not 1 <= first <= LAST_SEQUENCE:
        return found
    rows = db.execute(f"{_ENTRIES} WHERE desk_id = ? AND sequence >= ?", (desk_id, first))
    for each in map(_folded, rows):
        if each.kind in rules:
            fields.touch(_read(rules[each.kind], each.payload))
        elif each.kind in runs.KINDS:
            found.add(runs.run_of(each))
    return found


class _Steps:
    """Collects entries of runs to fold them together, which is faster. `again`: runs to fold again from all entries."""

    def __init__(self, db: sqlite3.Connection) -> None:
        from tokendesk.desk.runs import ChangedRows, LatestSteps

        self._db = db
        self._waiting: list[Folded] = []
        self._latest = LatestSteps(db)
        self._changed_rows = ChangedRows(db)
        self.again: set[str] = set()

    def add(self, entry: Folded) -> None:
        self.again |= self._latest.note(entry)
        self._waiting.append(entry)
        if len(self._waiting) >= _TOGETHER:
            self._put_waiting(Clocks(self._db))

    def fold(self, clocks: Clocks) -> None:
        self._put_waiting(clocks)
        for run_id in self.again:
            self._fold_again(clocks, run_id)
        self._changed_rows.renew()

    def _put_waiting(self, clocks: Clocks) -> None:
        from tokendesk.desk.runs import run_of

        self._latest.write()
        self._put(clocks, [step for step in self._waiting if run_of(step) not in self.again])
        self._waiting.clear()

    def _put(self, clocks: Clocks, steps: Sequence[Folded]) -> None:
        """Fold entries of runs together, or one by one if that fails."""
        from tokendesk.desk import runs

        begun = [step for step in steps if step.kind == runs.BEGUN]
        for group in (begun, [step for step in steps if step.kind != runs.BEGUN]):
            owners = runs.owners(self._db, group)
            counting = [step for step in group if runs.counts(self._db, step, owners[runs.run_of(step)])]
            meant = [_as_written(clocks, step) for step in counting]
            if meant and not _try_fold(self._db, partial(runs.put, self._db, meant, self._changed_rows)):
                for step in meant:
                    _try_fold(self._db, partial(runs.put, self._db, [step], self._changed_rows))

    def _fold_again(self, clocks: Clocks, run_id: str) -> None:
        from tokendesk.desk import runs

        runs.forget(self._db, run_id, self._changed_rows)
        ids = self._db.execute("SELECT entry_id FROM run_entry WHERE run_id = ? ORDER BY time", (run_id,)).fetchall()
        found = [step for (entry_id,) in ids if (step := _entry(self._db, entry_id)) is not None]
        self._put(clocks, sorted(found, key=lambda step: (step.moment, step.entry_id)))


def _as_written(clocks: Clocks, entry: Folded) -> Folded:
    time, desk_id, sequence = entry.moment
    return entry._replace(moment=(clocks.shown(desk_id, sequence, time), desk_id, sequence)) if clocks else entry


def _try_fold(db: sqlite3.Connection, put: Callable[[], None]) -> bool:
    """Fold entries completely or not at all; return whether this version knows their shape."""
    db.execute("SAVEPOINT folding")
    try:
        put()
    except (*_MISSHAPEN, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
        db.execute("ROLLBACK TO folding")
        return False
    finally:
        db.execute("RELEASE folding")
    return True

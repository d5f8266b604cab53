"""From entries to the tables that screens read. Any order of the same entries gives the same tables.

What kinds of entries say is told by the modules that own them: those that write fields (`SAYS`) and those of runs. An
`undo` entry takes the entry it names out of the fold, and may be undone itself; a `clock` entry changes the order of
the entries of one desk. Each entry is folded for what it touches, whatever else is there.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import groupby
from typing import Any, NamedTuple

from tokendesk.desk.bounds import MOST_OVERRULED
from tokendesk.desk.clocks import CLOCK, Clocks, moment_of, put_statement
from tokendesk.desk.fields import fold_field


class Folded(NamedTuple):
    """One entry as a fold sees it. `moment`: (time, desk, sequence), by which entries are ordered."""

    moment: tuple[str, str, int]
    author: str
    kind: str
    payload: Mapping[str, Any]
    entry_id: str


Said = tuple[str, str, str, str | None]
"""What an entry is about, its id, the name of a field, and what it writes there."""


class Says(NamedTuple):
    """How the entries of one kind write fields, and how the fields of one subject become rows."""

    kind: str
    read: Callable[[Mapping[str, Any]], list[Said]]
    sum_up: Callable[[sqlite3.Connection, str, str], None]
    about: str | None = None
    """What these fields are about where only this kind writes on it; None where the entry says it."""


_SAYING = ("notes", "policies", "goals")
"""The modules of this room that have `SAYS`."""


def _all_says() -> list[Says]:
    return [import_module(f"tokendesk.desk.{name}").SAYS for name in _SAYING]


def said_by(kind: str, payload: Mapping[str, Any]) -> list[Said]:
    """Return which fields an entry writes; none where it is of no such kind, or of a shape that nobody knows."""
    says = next((each for each in _all_says() if each.kind == kind), None)
    return _read(says, payload) if says else []


_TABLES = ("written", "dated", "undoing", "clock", "run_entry", "field", "note", "note_tag", "policy_fact", "goal")
_RUN_TABLES = ("run", "run_row", "run_batch", "run_aside", "moved", "revoked")
_TOUCHED = """
CREATE TEMP TABLE IF NOT EXISTS touched (
    about TEXT, subject TEXT, name TEXT, PRIMARY KEY (about, subject, name)
) WITHOUT ROWID
"""
_REPORT = (
    "CREATE TEMP TABLE said (about TEXT, subject TEXT, name TEXT, value TEXT)",
    "CREATE TEMP TABLE before AS SELECT * FROM field WHERE 0",
    "CREATE UNIQUE INDEX temp.before_by_place ON before (about, subject, name)",
)
_TOGETHER, _ROWS_TOGETHER = 200, 5_000
"""So many steps of runs are folded at a time: they hold whole plans."""
_MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
_ENTRIES = "SELECT time, desk_id, sequence, author, kind, payload, entry_id FROM entry"


def fold_in(db: sqlite3.Connection, entries: Iterable[Folded], *, report: bool = False) -> None:
    """Bring the folded tables up to date after these entries were added to the table of entries.

    `report`: leave behind what they write (temp.said) and what the fields held before that they touch (temp.before).
    """
    from tokendesk.desk import runs

    says = {each.kind: each for each in _all_says()}
    db.execute(_TOUCHED)
    if report:
        for statement in _REPORT:
            db.execute(statement)
    again: set[str] = set()
    steps: list[Folded] = []
    written = _Written(db, report)
    followed: set[str] = set()
    for entry in entries:
        _put_dated(db, entry)
        if entry.kind in says:
            written.add(entry, says[entry.kind])
        elif entry.kind in runs.KINDS:
            again |= runs.note_step(db, entry)
            steps.append(entry)
            if len(steps) >= _TOGETHER:
                _put_steps(db, Clocks(db), [step for step in steps if runs.run_of(step) not in again])
                steps.clear()
        elif entry.kind == "undo":
            named = str(entry.payload.get("entry"))
            db.execute("INSERT OR IGNORE INTO undoing VALUES (?, ?)", (named, entry.entry_id))
        elif entry.kind == CLOCK:
            _tried(db, partial(put_statement, db, entry.entry_id, entry.payload))
        if entry.kind in ("undo", CLOCK):
            again |= _touch_named(db, entry, says, followed)
    written.put()
    clocks = Clocks(db)
    _put_steps(db, clocks, [step for step in steps if runs.run_of(step) not in again])
    for run_id in again:
        _fold_run(db, clocks, run_id)
    _fold_touched(db, clocks, says, report)


def fold_rows(db: sqlite3.Connection, rows: Iterable[Sequence[Any]], *, report: bool = False) -> None:
    """Fold rows of a table that is like the one of entries, with the columns of ENTRIES."""
    fold_in(db, map(_folded, rows), report=report)


def rebuild(db: sqlite3.Connection) -> None:
    """Fold all entries again, a few at a time."""
    for table in (*_TABLES, *_RUN_TABLES):
        db.execute(f"DELETE FROM {table}")
    fold_rows(db, db.execute(f"{_ENTRIES} ORDER BY time, desk_id, sequence"))


def _folded(row: Sequence[Any]) -> Folded:
    time, desk_id, sequence, author, kind, payload, entry_id = row
    return Folded((time, desk_id, sequence), author, kind, json.loads(payload), entry_id)


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
        # Only what overrules something may be of a later time than that at which it was written.
        believed = (
            written if named and isinstance(written, str) and moment_of(written) < moment_of(entry.moment[0]) else None
        )
    except ValueError:
        believed = None
    db.execute("INSERT OR REPLACE INTO dated VALUES (?, ?, ?)", (entry.entry_id, believed, json.dumps(named)))


class _Written:
    """What entries write in fields, put into the tables many at a time."""

    def __init__(self, db: sqlite3.Connection, report: bool) -> None:
        self._db = db
        self._report = report
        self._rows: list[tuple[Said, str, str, bool]] = []

    def add(self, entry: Folded, says: Says) -> None:
        """Note which fields an entry writes; one that is not of the shape this version knows writes none.

        It came from another desk, perhaps a newer one, and must not stand in the way of all others.
        """
        reported = self._report and entry.kind != "goal"
        said = _read(says, entry.payload)
        self._rows += [(each, entry.moment[0], entry.entry_id, reported) for each in said]
        if len(self._rows) >= _ROWS_TOGETHER:
            self.put()

    def put(self) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO written VALUES (?, ?, ?, ?, ?, ?)",
            ((*said[:3], time, entry_id, said[3]) for said, time, entry_id, _ in self._rows),
        )
        _touch(self._db, (said for said, *_ in self._rows))
        reported = [said for said, _, _, reported in self._rows if reported]
        if reported:
            self._db.executemany("INSERT INTO temp.said VALUES (?, ?, ?, ?)", reported)
        self._rows.clear()


def _read(says: Says, payload: Mapping[str, Any]) -> list[Said]:
    try:
        said = says.read(payload)
    except _MISSHAPEN:
        return []
    for about, subject, name, _ in said:
        if type(about) is not str or type(subject) is not str or type(name) is not str:
            return []
    return said


def _touch(db: sqlite3.Connection, said: Iterable[Said]) -> None:
    db.executemany("INSERT OR IGNORE INTO temp.touched VALUES (?, ?, ?)", (each[:3] for each in said))


def _touch_named(db: sqlite3.Connection, entry: Folded, says: Mapping[str, Says], followed: set[str]) -> set[str]:
    """Touch the fields of what an undo names, or of the desk whose clock is meant; return the runs to fold again.

    `followed`: undos whose chain was followed before; what is at its end was touched then.
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
    if named.kind in says:
        _touch(db, _read(says[named.kind], named.payload))
    elif named.kind == runs.QUARANTINE:
        return {runs.run_of(named)}
    elif named.kind == CLOCK:
        return _touch_desk(db, named.payload, says)
    return set()


def _touch_desk(db: sqlite3.Connection, payload: Mapping[str, Any], says: Mapping[str, Says]) -> set[str]:
    from tokendesk.desk import runs

    found: set[str] = set()
    desk_id, first = payload.get("desk"), payload.get("first")
    if not isinstance(desk_id, str) or not isinstance(first, int):
        return found
    rows = db.execute(f"{_ENTRIES} WHERE desk_id = ? AND sequence >= ?", (desk_id, min(first, 2**62)))
    for each in map(_folded, rows):
        if each.kind in says:
            _touch(db, _read(says[each.kind], each.payload))
        elif each.kind in runs.KINDS:
            found.add(runs.run_of(each))
    return found


def _fold_touched(db: sqlite3.Connection, clocks: Clocks, says: Mapping[str, Says], report: bool) -> None:
    if report:
        db.execute(
            "INSERT OR IGNORE INTO temp.before"
            " SELECT f.* FROM temp.touched JOIN field AS f USING (about, subject, name)"
        )
    sums = {each.about: each.sum_up for each in says.values()}
    touched = db.execute("SELECT about, subject, name FROM temp.touched ORDER BY about, subject, name")
    for (about, subject), places in groupby(touched, key=lambda place: (place[0], place[1])):
        for place in places:
            if about != "goal":
                fold_field(db, clocks, place)
        sums.get(about, sums[None])(db, about, subject)
    db.execute("DELETE FROM temp.touched")


def _put_steps(db: sqlite3.Connection, clocks: Clocks, steps: Sequence[Folded]) -> None:
    """Fold entries of runs: together, which is quicker, and each for itself where that fails."""
    from tokendesk.desk import runs

    begun = [step for step in steps if step.kind == runs.BEGUN]
    for group in (begun, [step for step in steps if step.kind != runs.BEGUN]):
        meant = [_as_written(clocks, step) for step in group if runs.counts(db, step)]
        if meant and not _tried(db, partial(runs.put, db, meant)):
            for step in meant:
                _tried(db, partial(runs.put, db, [step]))


def _fold_run(db: sqlite3.Connection, clocks: Clocks, run_id: str) -> None:
    """Fold one run again from its entries."""
    from tokendesk.desk import runs

    known = runs.forget(db, run_id)
    ids = db.execute("SELECT entry_id FROM run_entry WHERE run_id = ? ORDER BY time", (run_id,)).fetchall()
    found = [step for (entry_id,) in ids if (step := _entry(db, entry_id)) is not None]
    steps = sorted(found, key=lambda step: (step.moment, step.entry_id))
    _put_steps(db, clocks, steps)
    runs.renew(db, *known)


def _as_written(clocks: Clocks, entry: Folded) -> Folded:
    time, desk_id, sequence = entry.moment
    return entry._replace(moment=(clocks.shown(desk_id, sequence, time), desk_id, sequence)) if clocks else entry


def _tried(db: sqlite3.Connection, put: Callable[[], None]) -> bool:
    """Do it whole or not at all; return whether the entry was of a shape that this version knows."""
    db.execute("SAVEPOINT folding")
    try:
        put()
    except (*_MISSHAPEN, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
        db.execute("ROLLBACK TO folding")
        return False
    finally:
        db.execute("RELEASE folding")
    return True

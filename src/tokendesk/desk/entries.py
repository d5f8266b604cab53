"""The desk: an append-only file of entries."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tokendesk.desk.arriving import Arrivals, Own, receive
from tokendesk.desk.author import os_user
from tokendesk.desk.bounds import FIRST_TIME, LAST_SEQUENCE, LAST_WRITTEN, MOST_MEASURED
from tokendesk.desk.clocks import CLOCK, Clocks, as_time, correction, keep_measured, measured
from tokendesk.desk.dating import date_entry
from tokendesk.desk.entry import Entry, ReadEntry, read_entry, stored_entry
from tokendesk.desk.fields import FieldValue, fields_of
from tokendesk.desk.file import APPLICATION_ID, VERSION, desk_script
from tokendesk.desk.folding import Folded, fold_in, fold_rows, rebuild
from tokendesk.desk.in_effect import is_in_effect
from tokendesk.desk.json_text import canonical
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.sqlite import is_busy, open_database, statements
from tokendesk.sqlite_limits import LimitedConnection

__all__ = ["Desk", "Entry", "canonical"]


class Desk:
    """One desk file, open for writing. A second process waits for its turn, so nothing is lost."""

    def __init__(
        self,
        path: Path,
        *,
        author: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self.author = author or os_user()
        self._clock = clock
        self._db = _open(path)
        self.desk_id = str(self._db.execute("SELECT desk_id FROM desk").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        ended = self._db.replacement_error(error)
        self.close()
        if ended is not None:
            raise ended from error

    def bind_organization(self, org_id: str) -> None:
        """Bind a new desk to its organization; notes must never apply to another organization's tokens."""
        with self._writing():
            bound = self._db.execute("SELECT org_id FROM desk").fetchone()[0]
            if bound is None:
                self._db.execute("UPDATE desk SET org_id = ?", (org_id,))
            elif bound != org_id:
                raise Refused(
                    f"This profile's desk has the notes of organization {bound}, not {org_id}. "
                    "Use a profile of its own: --profile NAME."
                )

    def append(self, kind: str, payload: Mapping[str, Any]) -> Entry:
        """Add and fold one entry, in one transaction."""
        return self.append_all([(kind, payload)])[0]

    def append_all(self, items: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add and fold entries (kind, payload) in one transaction: all or none."""
        try:
            with self._writing():
                return [*self._add(items)]
        except UnicodeEncodeError as error:
            raise UsageError("This text is not valid UTF-8 and was not written. Type it again.") from error

    def _add(self, items: Sequence[tuple[str, Mapping[str, Any]]]) -> list[ReadEntry]:
        first = self.sequence + 1
        if first + len(items) > LAST_SEQUENCE:
            raise Refused(f"The desk {self.path} is full. Start a new one, and import this one's entries into it.")
        now = as_time(self.now())
        if not FIRST_TIME <= now <= LAST_WRITTEN:
            raise Refused(
                f"This computer's clock says {now[:10]}: notes with this date could not be overruled or shared. "
                "Correct the clock; nothing was written."
            )
        entries: list[ReadEntry] = []
        for number, (kind, payload) in enumerate(items):
            time, dated = date_entry(self._db, self.desk_id, kind, payload, now)
            # Encoded once, for the id, the table and the fold: a plan takes seconds.
            entries.append(read_entry(self.desk_id, first + number, time, self.author, kind, dated))
            self._insert(entries[-1])
        fold_in(self._db, map(_as_folded, entries))
        return entries

    def now(self) -> datetime:
        """Return the present by the server's clock, as far as a pull has measured the difference."""
        return self.by_server(self._clock().astimezone(UTC))

    def by_server(self, moment: datetime) -> datetime:
        """Return what the server's clock said at that time of this computer's clock, as far as that is known."""
        try:
            return moment - correction(self._db, moment)
        except OverflowError:
            return moment

    @property
    def is_measured(self) -> bool:
        """Whether a pull has measured this computer's clock."""
        return measured(self._db, self._clock().astimezone(UTC)) is not None

    def measure_clock(self, ahead: float) -> bool:
        """Store the seconds by which this computer's clock is ahead of the server's; return whether it is plausible."""
        if abs(ahead) > MOST_MEASURED:
            return False
        with self._writing():
            keep_measured(self._db, ahead, self._clock().astimezone(UTC))
        return True

    def import_entries(self, entries: Iterable[Entry]) -> list[Entry]:
        """Add entries of any desk, inside `trying`; return the new ones."""
        arrivals = self.arrive(entries)
        return [_read(row) for row in arrivals.rows()]

    def arrive(self, entries: Iterable[Entry], *, report: bool = False, own: Own = Own.REFUSED) -> Arrivals:
        """Add entries of any desk, inside `trying`, and entries about the wrong clocks that they reveal."""
        with self._large_cache():
            arrivals = receive(self._db, self.desk_id, entries, own)
            fold_rows(self._db, arrivals.folded(), report=report)
        if self.is_measured:
            now = self.now()
            said = [(CLOCK, payload) for payload in arrivals.wrong_clocks(now)]
            said += [(CLOCK, payload) for payload in arrivals.own_clock(now)]
            if said:
                self._add(said)
        return arrivals

    @contextmanager
    def _large_cache(self) -> Iterator[None]:
        """Enlarge the page cache during scattered writes: otherwise pages are read and written many times."""
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        try:
            yield
        finally:
            self._db.execute("PRAGMA cache_size = -2000")  # SQLite's own

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[None]:
        """Write in one transaction, rolled back at the end unless `commit`."""
        with self._writing(keep=commit):
            yield

    @property
    def org_id(self) -> str | None:
        """The organization this desk is bound to."""
        row = self._db.execute("SELECT org_id FROM desk").fetchone()
        return None if row[0] is None else str(row[0])

    def _insert(self, entry: ReadEntry) -> None:
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (entry.entry_id, *entry[:5], entry.text))

    def entries(self) -> Iterator[Entry]:
        """Yield all entries, ordered by time, desk, sequence."""
        for row in self._db.execute(
            "SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM entry"
            " ORDER BY time, desk_id, sequence"
        ):
            yield _read(row)

    def fields(self, about: str, subject: str) -> dict[str, FieldValue]:
        """Return the values of a subject, by field."""
        return fields_of(self._db, about, subject)

    @property
    def sequence(self) -> int:
        """The sequence number of this desk's latest own entry; 0 if there is none."""
        row = self._db.execute("SELECT max(sequence) FROM entry WHERE desk_id = ?", (self.desk_id,)).fetchone()
        return int(row[0] or 0)

    def own_entries(self, since: int = 0, *, latest_first: bool = False) -> Iterator[Entry]:
        """Yield this desk's own entries after the sequence number `since`, oldest first."""
        order = "DESC" if latest_first else "ASC"
        rows = self._db.execute(
            "SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM entry"
            f" WHERE desk_id = ? AND sequence > ? ORDER BY sequence {order}",
            (self.desk_id, since),
        )
        return map(_read, rows)

    def is_in_effect(self, entry: Entry) -> bool:
        """Return whether an entry was not undone."""
        return self.is_kept(entry.entry_id)

    def is_kept(self, entry_id: str) -> bool:
        """Return whether the entry with this id was not undone."""
        return is_in_effect(self._db, entry_id)

    @property
    def clocks(self) -> Clocks:
        """The wrong clocks of desks."""
        return Clocks(self._db)

    def rows(self, question: str, *values: str | int) -> list[Any]:
        """Return the rows of a SELECT on the entries and the folded tables."""
        return self._db.execute(question, values).fetchall()

    def each(self, question: str, *values: str | int) -> Iterator[Any]:
        """Yield the rows of a SELECT one by one."""
        return self._db.execute(question, values)

    @contextmanager
    def _writing(self, *, keep: bool = True) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _not_written(self.path, error) from error
        try:
            yield
            self._db.execute("COMMIT" if keep else "ROLLBACK")
        except BaseException as error:
            with suppress(sqlite3.Error):  # SQLite rolls back itself when the disk is full
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            if (ended := self._db.replacement_error(error)) is not None:
                raise ended from error
            if isinstance(error, sqlite3.DatabaseError):
                raise _not_written(self.path, error) from error
            raise


def _not_written(path: Path, error: sqlite3.Error) -> TokendeskError:
    if is_busy(error):
        return Refused(f"The desk {path} is in use by another tokendesk ({error}). Nothing was written; try again.")
    return UsageError(f"The desk {path} cannot be written: {error}. Nothing was written; free space, then try again.")


def _read(row: Sequence[Any]) -> Entry:
    entry_id, *parts, payload = row
    return stored_entry(entry_id, payload, *parts)


def _as_folded(entry: ReadEntry) -> Folded:
    # Folded as it would be read back, from the canonical form.
    moment = (entry.time, entry.desk_id, entry.sequence)
    return Folded(moment, entry.author, entry.kind, json.loads(entry.text), entry.entry_id)


_CACHE_KIB = 64_000
_KEPT = ("desk", "entry", "returned")


def _migrate(db: sqlite3.Connection) -> None:
    """Migrate a desk of an older format: entries stay, everything else is folded from them again."""
    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name in there - {*_KEPT}:
        db.execute(f"DROP TABLE {name}")
    made = [statement for statement in statements(desk_script()) if "CREATE INDEX entry_" not in statement]
    for statement in made:
        if not any(f"CREATE TABLE {name} (" in statement for name in there & {*_KEPT}):
            db.execute(statement)
    rebuild(db)


def _open(path: Path) -> LimitedConnection:
    try:
        db = open_database(path, APPLICATION_ID, VERSION, desk_script(), "desk", _migrate)
        db.execute("INSERT INTO desk SELECT ?, NULL WHERE NOT EXISTS (SELECT 1 FROM desk)", (uuid.uuid4().hex,))
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and is_busy(error):
            raise _not_written(path, error) from error
        raise UsageError(
            f"The desk {path} cannot be opened: {error}. It has your notes: check its permissions, do not delete it."
        ) from error
    return db

"""The append-only list of entries: its file, its format, and adding to it.

An entry's id is the SHA-256 of the canonical JSON of (desk id, sequence, time, author, kind, payload): sorted
keys, no spaces, UTF-8. An edit shows by the id, a loss by a gap in the sequence, a copied desk by two ids at
one place. This format is fixed.
"""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tokendesk.desk.fields import FieldValue, fields_of
from tokendesk.desk.file import APPLICATION_ID, VERSION, desk_script
from tokendesk.desk.folding import Folded, fold_in, rebuild, standing_test
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.sqlite import is_busy, open_own, run_script
from tokendesk.sqlite_limits import LimitedConnection


class Entry(NamedTuple):
    desk_id: str
    sequence: int
    time: str
    author: str
    kind: str
    payload: Mapping[str, Any]

    @property
    def entry_id(self) -> str:
        import hashlib

        fields = [self.desk_id, self.sequence, self.time, self.author, self.kind, self.payload]
        return hashlib.sha256(canonical(fields).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def os_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


class Desk:
    """One desk file, open for writing. A second process waits for its turn; nothing is lost between them."""

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
        ended = self._db.why_ended(error)
        self.close()
        if ended is not None:
            raise ended from error

    def belong_to(self, org_id: str) -> None:
        """Bind a new desk to its organization; notes of one must never land on another's tokens."""
        with self._writing():
            bound = self._db.execute("SELECT org_id FROM desk").fetchone()[0]
            if bound is None:
                self._db.execute("UPDATE desk SET org_id = ?", (org_id,))
            elif bound != org_id:
                raise Refused(
                    f"This profile's desk holds the notes of organization {bound}, not {org_id}. "
                    "Use a profile of its own: --profile NAME."
                )

    def append(self, kind: str, payload: Mapping[str, Any]) -> Entry:
        """Add one entry and fold it in, in one transaction."""
        return self.append_all([(kind, payload)])[0]

    def append_all(self, items: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add entries (kind, payload) and fold them in: all of them in one transaction, or none."""
        try:
            canonical([self.author, *(payload for _, payload in items)]).encode()
        except UnicodeEncodeError as error:
            raise UsageError("This text holds bytes that are no UTF-8, and was not written. Type it anew.") from error
        with self._writing():
            first = self.sequence + 1
            moment = max(self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), self._latest())
            entries = [
                Entry(self.desk_id, first + number, moment, self.author, kind, dict(payload))
                for number, (kind, payload) in enumerate(items)
            ]
            self._insert(entries)
        return entries

    def _latest(self) -> str:
        """What was written later must win, though the clock was set back in between."""
        row = self._db.execute("SELECT max(time) FROM entry WHERE desk_id = ?", (self.desk_id,)).fetchone()
        return str(row[0] or "")

    def take_in(self, entries: Sequence[Entry]) -> list[Entry]:
        """Add entries of any desk, inside `trying`; return those that were not known."""
        known = {row[0] for row in self._db.execute("SELECT entry_id FROM entry")}
        new = [entry for entry in entries if entry.entry_id not in known]
        self._insert(new)
        return new

    @contextmanager
    def trying(self, *, keep: bool) -> Iterator[None]:
        """Write in one transaction that is taken back at the end unless it is to be kept."""
        with self._writing(keep=keep):
            yield

    @property
    def org_id(self) -> str | None:
        """The organization this desk is bound to."""
        row = self._db.execute("SELECT org_id FROM desk").fetchone()
        return None if row[0] is None else str(row[0])

    def _insert(self, entries: Sequence[Entry]) -> None:
        self._db.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(e.entry_id, e.desk_id, e.sequence, e.time, e.author, e.kind, canonical(e.payload)) for e in entries],
        )
        # Folded as it would be read back: a payload is what its canonical form says.
        fold_in(
            self._db,
            [
                Folded((e.time, e.desk_id, e.sequence), e.author, e.kind, json.loads(canonical(e.payload)), e.entry_id)
                for e in entries
            ],
        )

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of time, desk, sequence."""
        for row in self._db.execute(
            "SELECT desk_id, sequence, time, author, kind, payload FROM entry ORDER BY time, desk_id, sequence"
        ):
            yield _read(row)

    def fields(self, about: str, subject: str) -> dict[str, FieldValue]:
        """Return what is written on a subject, by field."""
        return fields_of(self._db, about, subject)

    @property
    def sequence(self) -> int:
        """The place of this desk's latest own entry; 0 where there is none."""
        row = self._db.execute("SELECT max(sequence) FROM entry WHERE desk_id = ?", (self.desk_id,)).fetchone()
        return int(row[0] or 0)

    def own_entries(self, since: int = 0) -> list[Entry]:
        """Return the entries that this desk itself wrote after the place `since`, the oldest first."""
        rows = self._db.execute(
            "SELECT desk_id, sequence, time, author, kind, payload FROM entry"
            " WHERE desk_id = ? AND sequence > ? ORDER BY sequence",
            (self.desk_id, since),
        )
        return [_read(row) for row in rows.fetchall()]

    def standing(self, since: int = 0) -> list[Entry]:
        """Return this desk's own entries after the place `since` that nobody took back, the oldest first."""
        stands = standing_test(self._db)
        return [entry for entry in self.own_entries(since) if stands(entry.entry_id)]

    def rows(self, question: str, *values: str | int) -> list[Any]:
        """Return what a SELECT finds in the entries and the tables folded from them."""
        return self._db.execute(question, values).fetchall()

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
            with suppress(sqlite3.Error):  # what a full disk broke off is taken back already, or at the next opening
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            if (ended := self._db.why_ended(error)) is not None:
                raise ended from error
            if isinstance(error, sqlite3.DatabaseError):
                raise _not_written(self.path, error) from error
            raise


def _not_written(path: Path, error: sqlite3.Error) -> TokendeskError:
    if is_busy(error):
        return Refused(f"The desk {path} is in use by another tokendesk ({error}). Nothing was written; try again.")
    return UsageError(f"The desk {path} cannot be written: {error}. Nothing was written; make room, then try again.")


def _read(row: Sequence[Any]) -> Entry:
    desk_id, sequence, time, author, kind, payload = row
    return Entry(desk_id, sequence, time, author, kind, json.loads(payload))


def _migrate(db: sqlite3.Connection) -> None:
    """Bring a desk of an older format to this one: the entries stay, everything else is folded from them anew."""
    desk = db.execute("SELECT * FROM desk").fetchall()
    entries = db.execute("SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM entry").fetchall()
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        db.execute(f"DROP TABLE {name}")
    run_script(db, desk_script())
    db.executemany("INSERT INTO desk VALUES (?, ?)", desk)
    db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
    rebuild(db)


def _open(path: Path) -> LimitedConnection:
    try:
        db = open_own(path, APPLICATION_ID, VERSION, desk_script(), "desk", _migrate)
        db.execute("INSERT INTO desk SELECT ?, NULL WHERE NOT EXISTS (SELECT 1 FROM desk)", (uuid.uuid4().hex,))
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and is_busy(error):
            raise _not_written(path, error) from error
        raise UsageError(
            f"The desk {path} cannot be opened: {error}. It holds your notes: check its permissions, do not delete it."
        ) from error
    return db

"""The append-only list of entries: its file, its format, and adding to it.

An entry's id is the SHA-256 of the canonical JSON of (desk id, sequence, time, author, kind, payload): sorted
keys, no spaces, UTF-8. An edit shows by the id, a loss by a gap in the sequence, a copied desk by two ids at
one place. This format is fixed.
"""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from tokendesk.desk.folding import refold
from tokendesk.errors import Refused, UsageError
from tokendesk.sqlite import open_own

APPLICATION_ID = 0x746B6465  # "tkde"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    desk_id: str
    sequence: int
    time: str
    author: str
    kind: str
    payload: Mapping[str, Any]

    @property
    def entry_id(self) -> str:
        fields = [self.desk_id, self.sequence, self.time, self.author, self.kind, self.payload]
        return hashlib.sha256(canonical(fields).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def desk_script() -> str:
    return files("tokendesk.desk").joinpath("schema.sql").read_text("utf-8")


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

    def __exit__(self, *_: object) -> None:
        self.close()

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
        with self._writing():
            row = self._db.execute("SELECT max(sequence) FROM entry WHERE desk_id = ?", (self.desk_id,)).fetchone()
            moment = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            entry = Entry(self.desk_id, (row[0] or 0) + 1, moment, self.author, kind, dict(payload))
            self._db.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.entry_id,
                    entry.desk_id,
                    entry.sequence,
                    entry.time,
                    entry.author,
                    kind,
                    canonical(payload),
                ),
            )
            refold(self._db, kind)
        return entry

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of time, desk, sequence."""
        for row in self._db.execute(
            "SELECT desk_id, sequence, time, author, kind, payload FROM entry ORDER BY time, desk_id, sequence"
        ):
            desk_id, sequence, time, author, kind, payload = row
            yield Entry(desk_id, sequence, time, author, kind, json.loads(payload))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise Refused(
                f"The desk {self.path} is in use by another tokendesk ({error}). Nothing was written; try again."
            ) from error
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def _open(path: Path) -> sqlite3.Connection:
    try:
        db = open_own(path, APPLICATION_ID, VERSION, desk_script(), "desk")
        db.execute("INSERT INTO desk SELECT ?, NULL WHERE NOT EXISTS (SELECT 1 FROM desk)", (uuid.uuid4().hex,))
    except (OSError, sqlite3.Error) as error:
        raise UsageError(
            f"The desk {path} cannot be opened: {error}. It holds your notes: mend its rights, do not delete it."
        ) from error
    return db

"""Builds a new snapshot next to the old one, which is replaced atomically or not at all."""

import json
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tokendesk.errors import TokendeskError, UsageError
from tokendesk.model.records import Membership, Token, User
from tokendesk.model.text import fold
from tokendesk.model.timestamps import parse_expiry, parse_timestamp
from tokendesk.paths import make_folder
from tokendesk.snapshot.file import APPLICATION_ID, VERSION, snapshot_script
from tokendesk.sqlite import run_script

_UNFINISHED = ".unfinished"

_ADD_USER = f"INSERT OR IGNORE INTO arrived_user VALUES ({', '.join('?' * 17)})"
_ADD_TOKEN = f"INSERT OR IGNORE INTO arrived_token VALUES ({', '.join('?' * 15)})"
_ADD_MEMBERSHIP = "INSERT OR REPLACE INTO membership VALUES (?, ?, ?, ?)"


def _fold_or_none(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _extra_json(extra: Mapping[str, object]) -> str | None:
    return json.dumps(extra, ensure_ascii=False) if extra else None


class SnapshotBuilder:
    """Fill with pages, then `finish`. Not thread-safe. A context manager: an early exit removes the file."""

    def __init__(self, target: Path) -> None:
        make_folder(target.parent)
        self._target = target
        self._path = target.with_name(f".{target.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}{_UNFINISHED}")
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"{self._path} cannot be written: {error}. Free the folder, then pull again.") from error
        self._db.create_function("fold", 1, _fold_or_none, deterministic=True)
        # A crash leaves a file that nobody reads, so durability can wait until the end.
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.executescript(snapshot_script("schema.sql"))
        self._db.executescript(snapshot_script("arrive.sql"))
        self._db.execute("BEGIN")

    def __enter__(self) -> "SnapshotBuilder":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

    def add_users(self, users: Iterable[User]) -> None:
        self._db.executemany(
            _ADD_USER,
            (
                (
                    None, u.account_id, u.name, u.email, u.account_type, u.account_status, u.status,
                    u.membership_status, u.claim_status, u.job_title, u.department, u.org_admin,
                    parse_timestamp(u.last_active), u.last_active, u.added_to_org, u.deactivated_on,
                    _extra_json(u.extra),
                )
                for u in users
            ),
        )  # fmt: skip

    def add_tokens(self, tokens: Iterable[Token]) -> None:
        self._db.executemany(
            _ADD_TOKEN,
            (
                (
                    None, t.token_id, t.label, t.status, parse_timestamp(t.created_at), t.created_at,
                    parse_expiry(t.expires_at), t.expires_at, parse_timestamp(t.last_active_at), t.last_active_at,
                    t.owner_id, t.owner_name, t.owner_email,
                    None if t.scopes is None else json.dumps(t.scopes, ensure_ascii=False),
                    _extra_json(t.extra),
                )
                for t in tokens
            ),
        )  # fmt: skip

    def add_memberships(self, memberships: Iterable[Membership]) -> None:
        self._db.executemany(
            _ADD_MEMBERSHIP, ((m.account_id, m.policy_id, m.policy_name, m.problem) for m in memberships)
        )

    def count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def finish(self, meta: Mapping[str, str], before_replace: Callable[[Path], None] = lambda new: None) -> None:
        """Join, index, check, call `before_replace` with the new file, and replace the old one."""
        try:
            run_script(self._db, snapshot_script("finish.sql"))
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            self._db.execute("COMMIT")
            verdict = self._db.execute("PRAGMA quick_check").fetchone()[0]
            if verdict != "ok":
                raise TokendeskError(f"The new snapshot is damaged ({verdict}). Check the disk, then pull again.")
            self._db.close()
            with self._path.open("rb+") as file:
                os.fsync(file.fileno())
            before_replace(self._path)
            self._path.replace(self._target)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"The new snapshot cannot be written to {self._target.parent}: {error}. "
                "The old one is unchanged; free some space, then pull again."
            ) from error


def remove_leftovers(target: Path) -> None:
    """Remove files of a killed pull. Hold the pull lock: another pull may be writing."""
    for path in target.parent.glob(f".{target.name}-*{_UNFINISHED}"):
        path.unlink(missing_ok=True)

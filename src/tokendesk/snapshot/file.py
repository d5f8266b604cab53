"""Opens a finished snapshot read-only, from any folder."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tokendesk.desk.bounds import MOST_MEASURED
from tokendesk.errors import UsageError
from tokendesk.input_files import read_head
from tokendesk.model.timestamps import parse_timestamp
from tokendesk.sqlite import SNAPSHOT_ID, file_uri, is_snapshot
from tokendesk.sqlite_limits import restrict_untrusted

APPLICATION_ID = SNAPSHOT_ID
VERSION = 4
OLDEST = 2
"""The oldest format that can be read. Format 3 added `read_at` to users, format 4 what they may do, and credentials."""
ACCESS = ("roles", "products", "product_uses", "groups")
"""The columns of users that format 4 added."""
INDEXES_OF_4 = ("user_roles", "user_products")
TABLES_OF_4 = ("credential", "credential_list")
_ADDED_BY = {3: ",\n    read_at TEXT", 4: "".join(f",\n    {column} TEXT" for column in ACCESS)}


class OutdatedSnapshot(UsageError):
    """A snapshot that can no longer be read; a pull may replace it."""


class SnapshotInfo(NamedTuple):
    """Facts about a snapshot. `pulled_at`: epoch seconds; `policies_problem`: None if all policies are known."""

    pull_id: str
    org_id: str
    org_name: str | None
    pulled_at: int
    users: int
    tokens: int
    policies: int
    policies_problem: str | None = None
    saved_at: int | None = None
    """When it was saved as a file; None for a profile's snapshot."""
    with_notes: bool = False
    """Whether a saved file contains the desk."""
    policies_unknown: int = 0
    """Users without a known policy; also 0 in files of older versions, which did not count."""
    policies_unknown_why: str | None = None
    """The most frequent reason."""
    oldest_at: int = 0
    """When the oldest part was read: `pulled_at`, or earlier if the pull went on with an earlier one."""
    only_owners: bool = False
    """Whether users without tokens were never read: all pulls so far were quick."""
    tokens_at: int = 0
    """When tokens and the policies of their owners were read, the oldest of these."""
    users_total: int | None = None
    """How many managed users there are, if only owners were read and that was asked."""
    clock_ahead: float | None = None
    """Seconds by which the clock that dated this was ahead of the server's, if that was measured."""
    credentials: int = 0
    credentials_at: int | None = None
    """When the lists of credentials were read, as far as that was possible; None if they never were."""
    credentials_problem: str | None = None
    """Which of these lists is not complete, and why; in one sentence."""

    @property
    def unread_users(self) -> str:
        """Say that users without tokens were not read; empty if they were."""
        if not self.only_owners:
            return ""
        if self.users_total and self.users < self.users_total:
            return f"{self.users:,} of {self.users_total:,} users so far"
        return "only owners of tokens were read"

    @property
    def unknown_policies_label(self) -> str:
        """Say how many policies are unknown; empty if all are known, or none can be read at all."""
        if not self.policies_unknown or (self.policies_problem and self.policies_unknown >= self.users):
            return ""
        users = "1 user" if self.policies_unknown == 1 else f"{self.policies_unknown:,} users"
        return f"policy of {users} unknown"

    @property
    def unknown_why(self) -> str | None:
        return self.policies_problem or self.policies_unknown_why

    @property
    def no_policies(self) -> bool:
        """Whether no policy is known at all, because they cannot be read."""
        return bool(self.policies_problem) and not self.unknown_policies_label


def snapshot_script(name: str) -> str:
    """Return one of this package's SQL files."""
    return Path(__file__).with_name(name).read_text("utf-8")


def snapshot_schema(version: int = VERSION) -> str:
    """Return the script that makes the tables of a snapshot of this format, or of an older one."""
    script = snapshot_script("schema.sql")
    for later, added in _ADDED_BY.items():
        if version < later:
            script = script.replace(added, "")
    return script + snapshot_script("credentials.sql") if version >= 4 else script


def access_columns(db: sqlite3.Connection, schema: str = "main") -> str:
    """Return SQL for the columns ACCESS of `user`: NULL for those that an older snapshot does not have."""
    present = {row[1] for row in db.execute(f"PRAGMA {schema}.table_info(user)")}
    return ", ".join(name if name in present else f"NULL AS {name}" for name in ACCESS)


def snapshot_uri(path: Path) -> str:
    """Immutable: no lock and no journal, so that a read-only folder works."""
    return file_uri(path, "mode=ro&immutable=1")


def check_snapshot(path: Path) -> None:
    """Raise UsageError unless `path` is a snapshot of this version."""
    foreign = f"{path} is not a tokendesk snapshot. Move it away, then run: tokendesk pull"
    try:
        head = read_head(path, 100)
    except OSError as error:
        raise UsageError(
            f"The snapshot {path} cannot be read: {error.strerror}. "
            "Fix its permissions, or move it away and pull again."
        ) from error
    if not is_snapshot(path):
        raise UsageError(foreign)
    version = int.from_bytes(head[60:64])
    if version > VERSION:
        raise UsageError(f"{path} was written by a newer tokendesk (format {version}). Update tokendesk to read it.")
    if version < OLDEST:
        raise OutdatedSnapshot(f"{path} was written by an older tokendesk (format {version}). Run: tokendesk pull")


def is_damaged(path: Path) -> bool:
    """Whether a file that begins as a snapshot is damaged further on. Reads all of it."""
    try:
        with closing(sqlite3.connect(snapshot_uri(path), uri=True)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.Error:
        return True


def read_info(db: sqlite3.Connection, schema: str = "main") -> SnapshotInfo:
    meta: dict[str, str] = dict(tuple(row) for row in db.execute(f"SELECT name, value FROM {schema}.meta"))
    pulled_at = parse_timestamp(meta["pulled_at"]) or 0
    return SnapshotInfo(
        pull_id=meta["pull_id"],
        org_id=meta["org_id"],
        org_name=meta.get("org_name"),
        pulled_at=pulled_at,
        users=int(meta["users"]),
        tokens=int(meta["tokens"]),
        policies=int(meta["policies"]),
        policies_problem=meta.get("policies_problem"),
        saved_at=parse_timestamp(meta.get("saved_at")),
        with_notes=meta.get("notes") == "with",
        policies_unknown=int(meta.get("policies_unknown", 0)),
        policies_unknown_why=meta.get("policies_unknown_why"),
        only_owners=meta.get("only_owners") == "yes",
        oldest_at=parse_timestamp(meta.get("oldest_at")) or pulled_at,
        tokens_at=min(parse_timestamp(meta.get(name)) or pulled_at for name in ("tokens_read_at", "owners_read_at")),
        users_total=int(meta["users_total"]) if "users_total" in meta else None,
        clock_ahead=read_clock_ahead(meta),
        credentials=int(meta.get("credentials", 0)),
        credentials_at=parse_timestamp(meta.get("credentials_read_at")),
        credentials_problem=meta.get("credentials_problem"),
    )


def read_clock_ahead(meta: Mapping[str, str]) -> float | None:
    """Return the measured seconds; None if there are none, or they cannot be right."""
    try:
        ahead = float(meta["clock_ahead"])
    except (KeyError, TypeError, ValueError):
        return None
    return ahead if abs(ahead) <= MOST_MEASURED else None


def snapshot_info(path: Path) -> SnapshotInfo:
    check_snapshot(path)
    db = sqlite3.connect(snapshot_uri(path), uri=True)
    try:
        restrict_untrusted(db)
        return read_info(db)
    except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
        raise OutdatedSnapshot(f"The snapshot {path} is damaged ({error}). Run: tokendesk pull") from error
    finally:
        db.close()

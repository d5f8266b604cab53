"""Stores what a pull reads, page by page, so that an interrupted pull can be continued."""

import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from tokendesk.api.credential_lists import CredentialList
from tokendesk.api.policy_lookup import NOT_NAMED, Accounts
from tokendesk.errors import UsageError
from tokendesk.model.records import Credential, Membership, Token, User
from tokendesk.model.timestamps import entry_time, parse_expiry, parse_timestamp
from tokendesk.snapshot.file import access_columns, snapshot_script, snapshot_uri
from tokendesk.sqlite import open_database
from tokendesk.sqlite_drafts import remove_drafts

APPLICATION_ID = 0x746B6477  # "tkdw"
VERSION = 3

_ADD_USER = f"INSERT OR IGNORE INTO arrived_user VALUES ({', '.join('?' * 21)})"
_ADD_TOKEN = f"INSERT OR IGNORE INTO arrived_token VALUES ({', '.join('?' * 15)})"
_FILLED = (
    "name", "email", "description", "account_id", "account_name", "other_id", "maker_id", "maker_name", "maker_email",
    "created", "created_text", "ends", "ends_text", "last_used", "last_used_text", "scopes", "status", "extra",
)  # fmt: skip
_ADD_CREDENTIAL = (
    f"INSERT INTO arrived_credential VALUES ({', '.join('?' * 22)}) ON CONFLICT (record) DO UPDATE SET "
    + ", ".join(f"{name} = coalesce(nullif({name}, ''), excluded.{name})" for name in _FILLED)
)
_ADD_LIST = "INSERT OR REPLACE INTO credential_list VALUES (?, ?, ?, ?, ?)"
_FROM_OLD = """
INSERT OR IGNORE INTO arrived_credential
SELECT NULL, record, kind, credential_id, name, email, description, account_id, account_name, other_id, maker_id,
    maker_name, maker_email, created, created_text, ends, ends_text, last_used, last_used_text, scopes, status, extra
FROM old.credential WHERE {} ORDER BY id
"""
_CREDENTIALS_OF_OLD = (
    _FROM_OLD.format("1"),
    "INSERT OR REPLACE INTO credential_list SELECT * FROM old.credential_list",
)
_UNREAD_OF_OLD = (
    _FROM_OLD.format(
        "kind IN (SELECT n.kind FROM main.credential_list AS n JOIN old.credential_list AS o USING (name)"
        " WHERE n.read_at IS NULL AND o.read_at IS NOT NULL)"
    ),
    "UPDATE main.credential_list AS n SET read_at = (SELECT o.read_at FROM old.credential_list AS o"
    " WHERE o.name = n.name) WHERE n.read_at IS NULL",
)
_ADD_MEMBERSHIP = "INSERT OR REPLACE INTO membership VALUES (?, ?, ?, ?, ?)"
_SET = "INSERT OR REPLACE INTO state VALUES (?, ?)"
_NOT_ASKED = """
SELECT account_id, email FROM arrived_user WHERE account_id NOT IN (SELECT account_id FROM membership) ORDER BY id
"""
_OLD_STARTED = "SELECT value FROM old.meta WHERE name IN ('started_at', 'pulled_at') ORDER BY name DESC"
_USERS_OF_OLD = """
INSERT OR IGNORE INTO arrived_user
SELECT NULL, account_id, name, email, account_type, account_status, status, membership_status, claim_status, job_title,
    department, org_admin, last_active, last_active_text, added_text, deactivated_text, extra, {access}
FROM old.user WHERE account_id NOT IN (SELECT value FROM json_each(:asked_for)) ORDER BY id
"""
_POLICIES_OF_OLD = """
INSERT OR IGNORE INTO membership
SELECT u.account_id, p.policy_id, p.api_name, json_extract(u.extra, '$.policyProblem'), {read}
FROM old.user AS u LEFT JOIN old.policy AS p ON p.id = u.policy
WHERE u.account_id IN (SELECT account_id FROM arrived_user)
"""
_FAILED = "DELETE FROM membership WHERE policy_id IS NULL AND problem <> ?"
_NEWER = """
SELECT u.account_id FROM newer.arrived_user AS u JOIN newer.membership AS m ON m.account_id = u.account_id
WHERE m.read_at >= :since AND u.account_id IN (SELECT account_id FROM main.arrived_user)
"""
_COLUMNS = """
account_id, name, email, account_type, account_status, status, membership_status, claim_status, job_title, department,
org_admin, last_active, last_active_text, added_text, deactivated_text, extra, roles, products, product_uses, groups
"""
_RENEW = (
    f"INSERT OR REPLACE INTO main.membership SELECT * FROM newer.membership WHERE account_id IN ({_NEWER})",
    f"INSERT OR REPLACE INTO main.arrived_user ({_COLUMNS}) SELECT {_COLUMNS} FROM newer.arrived_user"
    f" WHERE account_id IN ({_NEWER})",
)
_OF_NOBODY = "DELETE FROM membership WHERE account_id NOT IN (SELECT account_id FROM arrived_user)"


class UsersPlace(NamedTuple):
    """How far a list of users was read. `cursor`: of the next page; None at the end of the list."""

    of_search: bool
    cursor: str | None


class KeptPolicies(NamedTuple):
    """Policies that were asked for. `reasons`: why some are unknown."""

    asked: int
    known: int
    reasons: Mapping[str, int]


def _told_json(value: Sequence[str] | Mapping[str, str | None] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _access_json(user: User) -> tuple[str | None, ...]:
    """Return the values of the columns ACCESS."""
    products = None if user.products is None else sorted(user.products)
    return tuple(map(_told_json, (user.roles, products, user.products, user.groups)))


def _extra_json(extra: Mapping[str, object]) -> str | None:
    return msgspec.json.encode(extra).decode() if extra else None


class WorkFile:
    """Each call is stored whole or not at all, also if the process is killed. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open `path`, or create it. Raises UsageError."""
        self.path = path
        try:
            self._db = open_database(path, APPLICATION_ID, VERSION, snapshot_script("arrive.sql"), "pull")
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"{path} cannot be written: {error}. Free the folder, then pull again.") from error
        # A crash of the whole system may cost the last pages, but does no damage.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA cache_size = -65536")

    def close(self) -> None:
        self._db.close()

    def remove(self) -> None:
        self.close()
        remove_work_file(self.path)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise UsageError(
                    f"What was pulled cannot be written to {self.path.parent}: {error}. "
                    "The old snapshot is unchanged; free some space, then pull again."
                ) from error
            raise

    @property
    def is_whole(self) -> bool:
        """Whether the file is of this format and undamaged. Reads all of it."""
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        verdict: str = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        return version == VERSION and verdict == "ok"

    def state(self) -> dict[str, str]:
        return dict(tuple(row) for row in self._db.execute("SELECT name, value FROM state"))

    def keep(self, state: Mapping[str, str]) -> None:
        with self._whole():
            self._db.executemany(_SET, state.items())

    def add_users(self, users: Iterable[User], place: UsersPlace | None = None) -> int:
        """Add a page of users, and the place after it; return how many of them were not there yet."""
        with self._whole():
            new = self._db.executemany(
                _ADD_USER,
                (
                    (
                        None, u.account_id, u.name, u.email, u.account_type, u.account_status, u.status,
                        u.membership_status, u.claim_status, u.job_title, u.department, u.org_admin,
                        parse_timestamp(u.last_active), u.last_active, u.added_to_org, u.deactivated_on,
                        _extra_json(u.extra), *_access_json(u),
                    )
                    for u in users
                ),
            ).rowcount  # fmt: skip
            if place is not None:
                self._db.execute(_SET, ("users_place", json.dumps(place)))
        return max(0, new)  # -1 if there were none

    def add_tokens(self, tokens: Iterable[Token]) -> None:
        with self._whole():
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

    def add_credentials(self, credentials: Iterable[Credential]) -> None:
        """Add a page. Of one that is there already, from another list, only what is not known yet."""
        with self._whole():
            self._db.executemany(
                _ADD_CREDENTIAL,
                (
                    (
                        None, c.record, c.kind, c.credential_id, c.name, c.email, c.description, c.account_id,
                        c.account_name, c.other_id, c.maker_id, c.maker_name, c.maker_email,
                        parse_timestamp(c.created_at), c.created_at, parse_expiry(c.expires_at), c.expires_at,
                        parse_timestamp(c.last_active_at), c.last_active_at,
                        None if c.scopes is None else json.dumps(c.scopes, ensure_ascii=False), c.status,
                        _extra_json(c.extra),
                    )
                    for c in credentials
                ),
            )  # fmt: skip

    def add_credential_list(self, read: CredentialList, problem: str | None, at: str | None) -> None:
        """Keep that a list was read. `problem`: why it is not complete; `at`: None if it was not read to its end."""
        with self._whole():
            self._db.execute(_ADD_LIST, (read.name, read.kind, read.title, problem, at))

    def add_credentials_of(self, snapshot: Path, *, unread: bool = False) -> None:
        """Add the credentials of a finished snapshot, if it has them. `unread`: only of lists that were not read."""
        self._db.execute("ATTACH ? AS old", (snapshot_uri(snapshot),))
        try:
            if self._db.execute("SELECT 1 FROM old.sqlite_master WHERE name = 'credential'").fetchone():
                with self._whole():
                    for statement in _UNREAD_OF_OLD if unread else _CREDENTIALS_OF_OLD:
                        self._db.execute(statement)
        finally:
            self._db.execute("DETACH old")

    def add_memberships(self, memberships: Iterable[Membership], read: datetime | None = None) -> None:
        """`read`: when they were asked for."""
        at = None if read is None else entry_time(read)
        with self._whole():
            self._db.executemany(
                _ADD_MEMBERSHIP, ((m.account_id, m.policy_id, m.policy_name, m.problem, at) for m in memberships)
            )

    def count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    @property
    def users_place(self) -> UsersPlace | None:
        """How far the users were read; None if no page arrived. Raises ValueError if that is damaged."""
        row = self._db.execute("SELECT value FROM state WHERE name = 'users_place'").fetchone()
        if row is None:
            return None
        match json.loads(row[0]):
            case [bool() as of_search, (str() | None) as cursor]:
                return UsersPlace(of_search, cursor)
        raise ValueError(f"not a place in the list of users: {row[0]}")

    def add_users_of(self, snapshot: Path, asked_for: Sequence[str], set_forward: timedelta = timedelta()) -> None:
        """Add the users of a finished snapshot who were not `asked_for`, and the policies that did not arrive.

        `set_forward`: by how much the clock was since: all times in this file are of one clock.
        """
        self._db.execute("ATTACH ? AS old", (snapshot_uri(snapshot),))
        try:
            known = any(row[1] == "read_at" for row in self._db.execute("PRAGMA old.table_info(user)"))
            started = self._db.execute(_OLD_STARTED).fetchone()
            at = entry_time(datetime.fromisoformat(started[0])) if started else None
            with self._whole():
                users = _USERS_OF_OLD.format(access=access_columns(self._db, "old"))
                self._db.execute(users, {"asked_for": json.dumps(asked_for)})
                read = f"coalesce({'u.read_at' if known else 'NULL'}, :started)"
                if set_forward:
                    read = f"strftime('%Y-%m-%dT%H:%M:%fZ', {read}, '{set_forward.total_seconds():+f} seconds')"
                self._db.execute(_POLICIES_OF_OLD.format(read=read), {"started": at})
        finally:
            self._db.execute("DETACH old")

    def renew(self, newer: Path, since: datetime) -> None:
        """Replace the users who are in the work file `newer`, and were read `since`, by what it says of them."""
        self._db.execute("ATTACH ? AS newer", (str(newer),))
        try:
            with self._whole():
                for statement in _RENEW:
                    self._db.execute(statement, {"since": entry_time(since)})
        finally:
            self._db.execute("DETACH newer")

    def oldest_read(self) -> str | None:
        """Return the earliest time at which a policy was asked for."""
        found: str | None = self._db.execute("SELECT min(read_at) FROM membership").fetchone()[0]
        return found

    def forget_users(self) -> None:
        """Start the list of users again; policies stay."""
        with self._whole():
            self._db.execute("DELETE FROM arrived_user")
            self._db.execute("DELETE FROM state WHERE name = 'users_place'")

    def forget_tokens(self) -> None:
        with self._whole():
            self._db.execute("DELETE FROM arrived_token")

    def forget_unfinished_credentials(self) -> None:
        """Forget the lists of credentials that were not read to their end, and what came of them."""
        with self._whole():
            self._db.execute("DELETE FROM credential_list WHERE problem IS NOT NULL")
            self._db.execute("DELETE FROM arrived_credential WHERE kind NOT IN (SELECT kind FROM credential_list)")

    def credential_lists(self) -> set[str]:
        """Return the names of the lists of credentials that were read."""
        return {name for (name,) in self._db.execute("SELECT name FROM credential_list")}

    def forget_policies(self, account_ids: Iterable[str] | None = None) -> None:
        """Forget the policies of these users, or of all."""
        with self._whole():
            if account_ids is None:
                self._db.execute("DELETE FROM membership")
            else:
                each = ((account_id,) for account_id in account_ids)
                self._db.executemany("DELETE FROM membership WHERE account_id = ?", each)

    def forget_failed_policies(self) -> None:
        """Forget the users for whom the lookup failed; those for whom no policy was named stay."""
        with self._whole():
            self._db.execute(_FAILED, (NOT_NAMED,))

    def forget_policies_of_nobody(self) -> None:
        """Forget the policies of users who are in no list."""
        with self._whole():
            self._db.execute(_OF_NOBODY)

    def asked(self) -> set[str]:
        """Return the users whose policy was asked for."""
        return {account_id for (account_id,) in self._db.execute("SELECT account_id FROM membership")}

    def not_asked(self) -> Accounts:
        """Return the users whose policy was not asked for yet."""
        return dict(tuple(row) for row in self._db.execute(_NOT_ASKED))

    def kept_policies(self) -> KeptPolicies:
        rows = self._db.execute(
            "SELECT problem, count(*), count(policy_id) FROM membership GROUP BY problem"
        ).fetchall()
        reasons = Counter({problem: count for problem, count, _ in rows if problem is not None})
        return KeptPolicies(sum(row[1] for row in rows), sum(row[2] for row in rows), reasons)


def remove_work_file(path: Path) -> None:
    """Remove a work file. Hold the pull lock. Raises UsageError."""
    remove_drafts(path)
    try:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be removed: {error.strerror}. Move it away, then pull again."
        ) from error
    with suppress(OSError):
        path.parent.rmdir()


@contextmanager
def new_work_file(cache: Path) -> Iterator[WorkFile]:
    """A work file for one pull into a profile's `cache`, removed in any case."""
    work = WorkFile(cache / f"pull-{uuid.uuid4().hex[:8]}" / "work.sqlite")
    try:
        yield work
    finally:
        work.remove()

"""Decides whether a pull continues an interrupted one."""

import hmac
import secrets
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tokendesk.errors import TokendeskError
from tokendesk.model.secret import Secret
from tokendesk.model.timestamps import local, parse_timestamp
from tokendesk.snapshot.work_file import WorkFile, remove_work_file


class PullOf(NamedTuple):
    """Whose pull it is. What different keys may see is never mixed."""

    org_id: str
    api_url: str
    key: Secret


class Kept(NamedTuple):
    """What an earlier pull left."""

    started: int
    users: int
    of_users: int | None
    policies: int

    def __str__(self) -> str:
        of = f" of {self.of_users:,}" if self.of_users and self.of_users >= self.users else ""
        users = f"{self.users:,}{of} users"
        if self.policies == self.users:
            kept = f"{users} and their policies are kept"
        else:
            kept = f"{users} and the policies of {self.policies:,} are kept"
        return f"Continuing the pull of {local(self.started):%H:%M}: {kept}."


def open_work_file(path: Path, of: PullOf, now: datetime, within: timedelta) -> tuple[WorkFile, Kept | None]:
    """Open the work file of an earlier pull if it is whole, `of` the same and younger than `within`; else a new one.

    Hold the pull lock. Raises UsageError.
    """
    if within and path.is_file() and (found := _open_kept(path, of, now, within)) is not None:
        return found
    remove_work_file(path)
    work = WorkFile(path)
    salt = secrets.token_hex(16)
    work.keep(
        {
            "org_id": of.org_id, "api_url": of.api_url, "salt": salt, "key": _fingerprint(of.key, salt),
            "started_at": now.isoformat(),
        }
    )  # fmt: skip
    return work, None


def renew_kept(path: Path, newer: Path, since: datetime) -> None:
    """Renew the users of an interrupted pull by those that a quick one read `since`: facts never go back in time.

    If that fails, the interrupted pull is not continued. Hold the pull lock.
    """
    if not path.is_file():
        return
    try:
        work = WorkFile(path)
        try:
            work.renew(newer, since)
        finally:
            work.close()
    except (TokendeskError, sqlite3.Error):
        remove_work_file(path)


def _open_kept(path: Path, of: PullOf, now: datetime, within: timedelta) -> tuple[WorkFile, Kept] | None:
    work = None
    try:
        work = WorkFile(path)
        if work.is_whole and (kept := _kept(work, of, now, within)) is not None:
            work.forget_tokens()  # they are read again
            work.forget_unfinished_credentials()
            return work, kept
    except (TokendeskError, sqlite3.Error, ValueError, TypeError, LookupError):
        pass  # damaged, or edited
    if work is not None:
        work.close()
    return None


def _kept(work: WorkFile, of: PullOf, now: datetime, within: timedelta) -> Kept | None:
    state = work.state()
    if (state["org_id"], state["api_url"]) != (of.org_id, of.api_url):
        return None
    if not hmac.compare_digest(state["key"], _fingerprint(of.key, state["salt"])):
        return None
    age = now - datetime.fromisoformat(state["started_at"])
    users = work.count("arrived_user")
    if not timedelta() <= age < within or not users or work.users_place is None:
        return None
    total = state.get("users_total")
    if work.kept_policies().known:
        work.forget_failed_policies()  # an error of the server may have passed
    else:
        work.forget_policies()  # why none is known has to be found out again
    asked = work.kept_policies().asked
    return Kept(parse_timestamp(state["started_at"]) or 0, users, int(total) if total else None, asked)


def _fingerprint(key: Secret, salt: str) -> str:
    """Return a text that identifies the key without revealing it."""
    return hmac.new(salt.encode(), key.reveal().encode(), "sha256").hexdigest()

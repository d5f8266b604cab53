"""Writes the observations of a pull to the history, before its snapshot replaces the old one.

Rows count once their pull is completed; those of an incomplete pull are ignored.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokendesk.desk.clocks import correction
from tokendesk.history.file import script
from tokendesk.history.token_uses import USES_KEPT
from tokendesk.history.writing import bind_organization, open_history
from tokendesk.model.timestamps import DAY, clock_correction, utc
from tokendesk.snapshot.file import read_info, snapshot_uri
from tokendesk.sqlite import file_uri, is_there, run_script
from tokendesk.sqlite_limits import restrict_untrusted

_OWN_CHANGES = {
    "revoked": "INSERT INTO ours_revoked SELECT token_id FROM desk.revoked",
    "moved": "INSERT INTO ours_moved SELECT m.account_id, m.to_id FROM desk.moved AS m"
    " WHERE CAST(strftime('%s', m.at) AS INTEGER)"
    " > coalesce(CAST(strftime('%s', {read}) AS INTEGER), :since) - :earlier",
    "run": "INSERT OR IGNORE INTO ours_quarantined SELECT m.account_id, r.quarantine_until, m.to_id FROM desk.run AS r"
    " JOIN desk.moved AS m ON m.run_id = r.run_id AND m.policy_id = m.to_id"
    " WHERE r.quarantine_until IS NOT NULL AND r.quarantine_ended IS NULL",
}
"""Queries for the changes by our own runs. A move before the user's policy was last read does not explain a change
since then; but a run may have been under way at that time, so one more hour is included."""
_USES = "SELECT token_id, last_used FROM new.token"
_CREDENTIAL_USES = " UNION ALL SELECT record, last_used FROM new.credential WHERE kind != 'service-account'"
_READ = "(SELECT read_at FROM old.user AS u WHERE u.account_id = m.account_id)"


def record_pull(
    path: Path,
    new: Path,
    old: Path | None,
    *,
    org_id: str,
    pull_id: str,
    at: int,
    idle_days: int,
    desk: Path | None = None,
    foreign: bool = False,
) -> None:
    """Write the changes from snapshot `old`, if there is one, to `new`. `at`: epoch seconds of the pull.

    `desk` contains our own changes. `foreign`: the snapshots may be untrusted.
    """
    with open_history(path) as db:
        if foreign:
            restrict_untrusted(db)
        db.execute("ATTACH ? AS new", (snapshot_uri(new),))
        since, read, ahead = 0, "NULL", None
        if old is not None:
            db.execute("ATTACH ? AS old", (snapshot_uri(old),))
            info = read_info(db, "old")
            since, ahead = info.pulled_at, info.clock_ahead
            if any(row[1] == "read_at" for row in db.execute("PRAGMA old.table_info(user)")):
                read = _READ
        values: Mapping[str, Any] = {"pull": pull_id, "at": at, "since": since, "idle": idle_days * DAY}
        _load_own_changes(db, desk, values, read, ahead)
        db.execute("BEGIN IMMEDIATE")
        bind_organization(db, org_id)
        db.execute("INSERT INTO pull VALUES (:pull, :at)", values)
        db.execute(f"CREATE TEMP VIEW new_use AS {_USES}{_CREDENTIAL_USES if _has_credentials(db, 'new') else ''}")
        run_script(db, script("observe.sql"), values)
        run_script(db, script("compact.sql"), {"pull": pull_id, "uses": USES_KEPT})
        if old is not None:
            run_script(db, script("compare.sql"), values)
            if _has_credentials(db, "old") and _has_credentials(db, "new"):
                run_script(db, script("credentials.sql"), values)
        db.execute("COMMIT")


def _has_credentials(db: sqlite3.Connection, schema: str) -> bool:
    """Whether the snapshot is of a format with credentials."""
    found = db.execute(f"SELECT 1 FROM {schema}.sqlite_master WHERE name = 'credential'").fetchone()
    return found is not None


def _load_own_changes(
    db: sqlite3.Connection, desk: Path | None, values: Mapping[str, Any], read: str, ahead: float | None
) -> None:
    """`read`: SQL for when the policy of a moved user was read before; `ahead`: by how much too late, if known."""
    db.execute("CREATE TEMP TABLE ours_revoked (token_id TEXT PRIMARY KEY)")
    db.execute("CREATE TEMP TABLE ours_moved (account_id TEXT PRIMARY KEY, to_id TEXT)")
    db.execute("CREATE TEMP TABLE ours_quarantined (account_id TEXT PRIMARY KEY, until TEXT, to_id TEXT)")
    if desk is None or not is_there(desk, "desk"):
        return
    db.execute("ATTACH ? AS desk", (file_uri(desk, "mode=ro"),))
    tables = {row[0] for row in db.execute("SELECT name FROM desk.sqlite_master WHERE type = 'table'")}
    # Entries follow the server's clock, pulls this computer's.
    late = clock_correction(ahead or 0.0)
    if ahead is None and "own_clock" in tables:  # a snapshot of 0.1
        late = correction(db, utc(values["since"]))
    values = {**values, "earlier": 3600 + late.total_seconds()}
    for table, question in _OWN_CHANGES.items():
        if table in tables:
            db.execute(question.format(read=read), values)


def complete_pull(path: Path, pull_id: str | None) -> None:
    """Mark the pull of the current snapshot as completed. A crash may have prevented that."""
    if pull_id is None or not is_there(path, "history"):
        return
    with open_history(path) as db:
        db.execute(
            "INSERT OR IGNORE INTO completed SELECT pull_id FROM pull WHERE pull_id = ?",
            (pull_id,),
        )

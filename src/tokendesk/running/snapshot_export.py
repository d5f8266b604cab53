"""A snapshot as one file to keep, hand on or take along: what the panes show, read-only, from any folder."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from tokendesk.desk.file import desk_script
from tokendesk.errors import Refused, UsageError
from tokendesk.history.file import history_script
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.paths import ProfilePaths, make_private_file, refuse_own_files
from tokendesk.running.migration import in_present_format
from tokendesk.snapshot.file import SnapshotInfo, check_snapshot, snapshot_info
from tokendesk.sqlite import run_script
from tokendesk.views.connection import attach_desk_and_history, current_saved_format


def save_snapshot(
    paths: ProfilePaths, target: Path, *, with_notes: bool, at: datetime, replace_it: bool = False
) -> SnapshotInfo:
    """Write the snapshot, the history and, `with_notes`, the desk into the new file `target`.

    Without notes the policies' names and settings and what runs did since the pull go along, since every pane shows
    them, and nothing else of the desk. No file of ours holds a key, so neither does this one.
    """
    if not paths.snapshot.exists():
        raise UsageError("There is no snapshot yet. Make one with: tokendesk pull (or, to practise: tokendesk demo)")
    source = paths.snapshot
    check_snapshot(source)
    _refuse_target(paths, target, replace_it)
    draft = target.with_name(f".{target.name}-{os.getpid()}.unfinished")
    try:
        make_private_file(draft)
        shutil.copyfile(source, draft)
        in_present_format(paths, lambda: _add(draft, paths, with_notes, at))
        os.replace(draft, target)  # noqa: PTH105 - replace, whole or not at all
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"{target} cannot be written: {error}. Choose another place.") from error
    finally:
        draft.unlink(missing_ok=True)
    return snapshot_info(target)


def _refuse_target(paths: ProfilePaths, target: Path, replace_it: bool) -> None:
    if not target.exists():
        return
    refuse_own_files(paths, target)
    if not target.is_file():
        raise UsageError(f"{target} is not a file. Choose another place.")
    if not replace_it:
        raise Refused(f"{target} is there already. Choose another name, or add --replace.")


def _add(draft: Path, paths: ProfilePaths, with_notes: bool, at: datetime) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None, uri=True)) as db:
        _add_kept(db, paths, with_notes, at)


def _add_kept(db: sqlite3.Connection, paths: ProfilePaths, with_notes: bool, at: datetime) -> None:
    # Nobody reads the draft, and a crash leaves the old file: no journal.
    db.execute("PRAGMA journal_mode = OFF")
    attach_desk_and_history(db, paths)
    db.execute("BEGIN")
    run_script(db, desk_script() + history_script())
    if with_notes:
        _copy(db, "desk")
    else:
        db.execute("INSERT INTO main.policy_fact SELECT * FROM desk.policy_fact")
        db.execute("UPDATE main.policy_fact SET remarks = NULL")
        for table in ("moved", "revoked"):  # or the file would show what was revoked since the pull as allowed
            db.execute(f"INSERT INTO main.{table} SELECT * FROM desk.{table}")
    _copy(db, "history")
    meta = {
        "saved_at": at.isoformat(),
        "saved_format": current_saved_format(),
        "notes": "with" if with_notes else "without",
    }
    db.executemany("INSERT INTO main.meta VALUES (?, ?)", meta.items())
    db.execute("COMMIT")


def _copy(db: sqlite3.Connection, schema: str) -> None:
    tables = db.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for (name,) in tables.fetchall():
        db.execute(f"INSERT INTO main.{name} SELECT * FROM {schema}.{name}")


def compare_snapshots(before: ProfilePaths, after: ProfilePaths, history: Path, idle_days: int) -> None:
    """Write into the new file `history` what changed from one saved snapshot to a later one.

    The later one tells what our own runs did.
    """
    old, new = snapshot_info(before.snapshot), snapshot_info(after.snapshot)
    if old.org_id != new.org_id:
        raise Refused(f"These are snapshots of two organizations: {old.org_id} and {new.org_id}.")
    if old.pulled_at > new.pulled_at:
        raise UsageError(f"{before.snapshot.name} is the later one of the two. Give the earlier one first.")
    record_pull(
        history, after.snapshot, before.snapshot, org_id=new.org_id, pull_id=new.pull_id, at=new.pulled_at,
        idle_days=idle_days, desk=after.snapshot, foreign=True,
    )  # fmt: skip
    complete_pull(history, new.pull_id)

"""Opens the history for writing, and binds it to an organization."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tokendesk.errors import Refused, UsageError
from tokendesk.history.file import APPLICATION_ID, VERSION, history_script, script
from tokendesk.sqlite import is_busy, open_database, run_script
from tokendesk.sqlite_limits import LimitedConnection


def _migrate(db: sqlite3.Connection) -> None:
    """Format 1 had the tables of `schema.sql` only."""
    run_script(db, script("evidence.sql"))


@contextmanager
def open_history(path: Path) -> Iterator[sqlite3.Connection]:
    """Open for writing; a history of an older format is migrated."""
    db: LimitedConnection | None = None
    try:
        with closing(open_database(path, APPLICATION_ID, VERSION, history_script(), "history", _migrate)) as db:
            yield db
    except sqlite3.Error as error:
        if db is not None and (ended := db.replacement_error(error)) is not None:
            raise ended from error
        if is_busy(error):
            raise Refused(
                f"The history {path} is in use by another program ({error}). Try again in a moment."
            ) from error
        raise UsageError(f"The history {path} cannot be written: {error}. Free the file, then pull again.") from error


def bind_organization(db: sqlite3.Connection, org_id: str) -> None:
    """Bind a new history to its organization, inside a transaction; roll back and refuse for another one."""
    bound = db.execute("SELECT org_id FROM history").fetchone()
    if bound is None:
        db.execute("INSERT INTO history VALUES (?)", (org_id,))
    elif bound[0] != org_id:
        db.execute("ROLLBACK")
        raise Refused(
            f"This profile's history is of organization {bound[0]}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

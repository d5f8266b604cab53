"""Writing into the history what one pull saw, before its snapshot takes the old one's place.

Rows count once their pull is completed; those of a pull that never was are ignored for good.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

from tokendesk.errors import Refused, UsageError
from tokendesk.model.moments import DAY
from tokendesk.snapshot.file import read_info, snapshot_uri
from tokendesk.sqlite import open_own, run_script

APPLICATION_ID = 0x746B6869  # "tkhi"
VERSION = 1


def history_script() -> str:
    return files("tokendesk.history").joinpath("schema.sql").read_text("utf-8")


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(open_own(path, APPLICATION_ID, VERSION, history_script(), "history")) as db:
            yield db
    except sqlite3.Error as error:
        raise UsageError(f"The history {path} cannot be written: {error}. Free the file, then pull again.") from error


def record_pull(path: Path, new: Path, old: Path | None, *, org_id: str, pull_id: str, at: int, idle_days: int) -> None:
    """Write what the snapshot `new` saw that `old`, if there is one, did not. `at`: epoch seconds of the pull."""
    with _open(path) as db:
        db.execute("ATTACH ? AS new", (snapshot_uri(new),))
        since = 0
        if old is not None:
            db.execute("ATTACH ? AS old", (snapshot_uri(old),))
            since = read_info(db, "old").pulled_at
        values: Mapping[str, str | int] = {"pull": pull_id, "at": at, "since": since, "idle": idle_days * DAY}
        db.execute("BEGIN IMMEDIATE")
        _belong_to(db, org_id)
        db.execute("INSERT INTO pull VALUES (:pull, :at)", values)
        run_script(db, files("tokendesk.history").joinpath("observe.sql").read_text("utf-8"), values)
        if old is not None:
            run_script(db, files("tokendesk.history").joinpath("compare.sql").read_text("utf-8"), values)
        db.execute("COMMIT")


def settle(path: Path, pull_id: str | None) -> None:
    """Count the pull whose snapshot is in place. A crash may have come between its rename and this."""
    if pull_id is None or not path.exists():
        return
    with _open(path) as db:
        db.execute(
            "INSERT OR IGNORE INTO completed SELECT pull_id FROM pull WHERE pull_id = ?",
            (pull_id,),
        )


def _belong_to(db: sqlite3.Connection, org_id: str) -> None:
    bound = db.execute("SELECT org_id FROM history").fetchone()
    if bound is None:
        db.execute("INSERT INTO history VALUES (?)", (org_id,))
    elif bound[0] != org_id:
        db.execute("ROLLBACK")
        raise Refused(
            f"This profile's history is of organization {bound[0]}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

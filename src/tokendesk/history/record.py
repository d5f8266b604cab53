"""Writing into the history what one pull saw, before its snapshot takes the old one's place.

Rows count once their pull is completed; those of a pull that never was are ignored for good.
"""

from collections.abc import Mapping
from pathlib import Path

from tokendesk.history.file import belong_to, open_history, script
from tokendesk.model.moments import DAY
from tokendesk.snapshot.file import read_info, snapshot_uri
from tokendesk.sqlite import run_script


def record_pull(path: Path, new: Path, old: Path | None, *, org_id: str, pull_id: str, at: int, idle_days: int) -> None:
    """Write what the snapshot `new` saw that `old`, if there is one, did not. `at`: epoch seconds of the pull."""
    with open_history(path) as db:
        db.execute("ATTACH ? AS new", (snapshot_uri(new),))
        since = 0
        if old is not None:
            db.execute("ATTACH ? AS old", (snapshot_uri(old),))
            since = read_info(db, "old").pulled_at
        values: Mapping[str, str | int] = {"pull": pull_id, "at": at, "since": since, "idle": idle_days * DAY}
        db.execute("BEGIN IMMEDIATE")
        belong_to(db, org_id)
        db.execute("INSERT INTO pull VALUES (:pull, :at)", values)
        run_script(db, script("observe.sql"), values)
        if old is not None:
            run_script(db, script("compare.sql"), values)
        db.execute("COMMIT")


def settle(path: Path, pull_id: str | None) -> None:
    """Count the pull whose snapshot is in place. A crash may have come between its rename and this."""
    if pull_id is None or not path.exists():
        return
    with open_history(path) as db:
        db.execute(
            "INSERT OR IGNORE INTO completed SELECT pull_id FROM pull WHERE pull_id = ?",
            (pull_id,),
        )

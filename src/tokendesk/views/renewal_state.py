"""The table of what is due for renewal, which is filled on first use."""

import sqlite3
from typing import NamedTuple

from tokendesk.model.findings import Thresholds
from tokendesk.model.renewal_states import STATES
from tokendesk.model.timestamps import DAY

TABLES = """
CREATE TEMP TABLE renewal (
    about TEXT NOT NULL, record TEXT NOT NULL, state TEXT NOT NULL, successor TEXT, PRIMARY KEY (about, record)
) WITHOUT ROWID;
CREATE TEMP TABLE renewal_offer (
    about TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, place INTEGER NOT NULL, label TEXT, created INTEGER,
    last_used INTEGER, PRIMARY KEY (about, old, new)
) WITHOUT ROWID;
CREATE TEMP TABLE renewal_read (day INTEGER, version TEXT);
CREATE TEMP TABLE renewal_days (in_use INTEGER NOT NULL, renewal INTEGER NOT NULL);
"""
_STATE = "(SELECT rw.state FROM temp.renewal AS rw WHERE rw.about = {} AND rw.record = r.{}{})"
STATE = {
    "tokens": _STATE.format("'token'", "token_id", ""),
    "credentials": _STATE.format("'credential'", "record", ""),
    "changes": _STATE.format("r.subject", "record", " AND r.kind IN ('gone', 'expired')"),
}
"""By pane: SQL for the state of a row; NULL if it is not due. Call `read_renewals` first."""


class Days(NamedTuple):
    """As in Thresholds."""

    in_use: int
    renewal: int


def set_days(db: sqlite3.Connection, thresholds: Thresholds) -> None:
    """Keep with the connection what counts as in use, and how long before and after its end a renewal is due."""
    db.execute("INSERT INTO temp.renewal_days VALUES (?, ?)", (thresholds.in_use, thresholds.renewal))


def days_of(db: sqlite3.Connection) -> Days:
    return Days(*db.execute("SELECT in_use, renewal FROM temp.renewal_days").fetchone())


def read_renewals(db: sqlite3.Connection, now: int) -> None:
    """Fill the tables of states and of what is offered, unless they are of this day and of these files."""
    version = ".".join(str(db.execute(f"PRAGMA {name}.data_version").fetchone()[0]) for name in ("desk", "history"))
    wanted = (now // DAY, version)
    if tuple(db.execute("SELECT day, version FROM temp.renewal_read").fetchone() or ()) == wanted:
        return
    from tokendesk.views.renewals import find_due  # it takes long to import

    states, offers = find_due(db, now)
    db.execute("SAVEPOINT renewal")
    try:
        for table in ("renewal", "renewal_offer", "renewal_read"):
            db.execute(f"DELETE FROM temp.{table}")
        db.executemany("INSERT OR REPLACE INTO temp.renewal VALUES (?, ?, ?, ?)", states)
        db.executemany("INSERT OR REPLACE INTO temp.renewal_offer VALUES (?, ?, ?, ?, ?, ?, ?)", offers)
        db.execute("INSERT INTO temp.renewal_read VALUES (?, ?)", wanted)
        db.execute("RELEASE renewal")
    except BaseException:
        db.execute("ROLLBACK TO renewal")
        db.execute("RELEASE renewal")
        raise


def renewal_counts(db: sqlite3.Connection) -> dict[str, int]:
    """Return how many renewals are in each state; call `read_renewals` first."""
    found = dict(db.execute("SELECT state, count(*) FROM temp.renewal GROUP BY state").fetchall())
    return {state: found[state] for state in STATES if state in found}

"""The tables of what is due for renewal, which are filled on first use (renewal_reading.py)."""

import sqlite3
from typing import NamedTuple

from tokendesk.model.findings import Thresholds

TABLES = """
CREATE TEMP TABLE renewal (
    about TEXT NOT NULL, record TEXT NOT NULL, state TEXT NOT NULL, successor TEXT, gone_at INTEGER,
    PRIMARY KEY (about, record)
) WITHOUT ROWID;
CREATE TEMP TABLE renewal_offer (
    about TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, place INTEGER NOT NULL, label TEXT, created INTEGER,
    last_used INTEGER, PRIMARY KEY (about, old, new)
) WITHOUT ROWID;
CREATE TEMP VIEW usable AS
SELECT token_id AS record FROM main.token WHERE id NOT IN (SELECT token FROM temp.revoked_now)
UNION ALL
SELECT record FROM credential WHERE coalesce(upper(status), '') != 'REVOKED';
CREATE TEMP TABLE renewal_read (day INTEGER, version TEXT);
CREATE TEMP TABLE renewal_days (in_use INTEGER NOT NULL, renewal INTEGER NOT NULL);
"""
_STATE = "(SELECT rw.state FROM temp.renewal AS rw WHERE rw.about = {} AND rw.record = r.{}{})"
STATE = {
    "tokens": _STATE.format("'token'", "token_id", ""),
    "credentials": _STATE.format("'credential'", "record", ""),
    "changes": _STATE.format("r.subject", "record", " AND rw.gone_at = r.at AND r.kind IN ('gone', 'expired')"),
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

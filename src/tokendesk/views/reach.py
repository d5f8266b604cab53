"""Computes what tokens reach, for filters and rows, once for each set of scopes and on first use.

The temporary tables are empty until then, so that start-up only pays for the rows it shows.
"""

import json
import sqlite3
from collections.abc import Iterable

from tokendesk.model.token_reach import reach_of
from tokendesk.views.credential_reach import read_credential_reach
from tokendesk.views.renewal_reading import read_renewals

TABLES = """
CREATE TEMP TABLE scope_set (
    kind INTEGER PRIMARY KEY, scopes TEXT NOT NULL UNIQUE, reach TEXT, words TEXT, power TEXT, stops TEXT
);
CREATE TEMP TABLE reach_value (kind INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TEMP TABLE token_reach (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL);
CREATE TEMP TABLE reach_state (told INTEGER NOT NULL, whole INTEGER NOT NULL);
"""

_OF_ROW = "(SELECT ss.{} FROM temp.token_reach AS tr JOIN temp.scope_set AS ss USING (kind) WHERE tr.id = r.id)"
POWER = _OF_ROW.format("power")
WORDS = _OF_ROW.format("words")
STOPS = f"""CASE WHEN upper(r.status) = 'REVOKED' THEN NULL
    WHEN coalesce(upper(r.status), '') NOT IN ('ALLOWED', 'BLOCKED') THEN 'not-told'
    ELSE {_OF_ROW.format("stops")} END"""
"""Whether a policy that blocks tokens stops it. A token of unknown status may be blocked already."""
COLUMNS = {"reach": _OF_ROW.format("reach"), "reach_words": WORDS, "power": POWER, "stops": STOPS}
"""Columns for `token_row AS r`; call `read_reach` first."""

_TOKENS = "SELECT tr.id FROM temp.token_reach AS tr WHERE tr.kind IN (SELECT k.kind FROM temp.{} AS k WHERE "
OF_TOKEN = ("r.id IN (" + _TOKENS, "))")
_LIVING = "tk.id NOT IN (SELECT token FROM temp.revoked_now)"
OF_USER = (
    f"r.id IN (SELECT tk.user FROM main.token AS tk WHERE tk.user IS NOT NULL AND {_LIVING} AND tk.id IN ({_TOKENS}",
    ")))",
)
OF_POLICY = (f"r.id IN (SELECT tk.policy FROM temp.token_row AS tk WHERE {_LIVING} AND tk.id IN ({_TOKENS}", ")))")


def around(of: tuple[str, str], table: str) -> tuple[str, str]:
    """Return the SQL around a condition on a row of `table`: reach_value or scope_set."""
    return of[0].format(table), of[1]


def ready_for(db: sqlite3.Connection, sql: str, now: int) -> None:
    """Fill the tables that `sql` uses and that are filled on first use, for all rows."""
    if "temp.renewal" in sql:
        read_renewals(db, now)
    if "temp.token_reach" in sql:
        read_reach(db)
    if "temp.credential_reach" in sql:
        read_credential_reach(db)


def read_reach(db: sqlite3.Connection, ids: Iterable[int] | None = None) -> None:
    """Fill the tables for the tokens `ids` (row ids of the snapshot), or for all."""
    state = db.execute("SELECT told, whole FROM temp.reach_state").fetchone()
    if state is not None and state[1]:
        return
    among, values = "", list[str]()
    if ids is not None:
        among, values = "WHERE t.id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]
    db.execute("SAVEPOINT reach")
    try:
        if state is None:
            db.execute(_STATE)
            state = db.execute("SELECT told, whole FROM temp.reach_state").fetchone()
        db.execute(f"INSERT OR IGNORE INTO temp.scope_set (scopes) SELECT DISTINCT {_SCOPES} {among}", values)
        _derive(db, told=bool(state[0]))
        db.execute(f"INSERT OR IGNORE INTO temp.token_reach {_KINDS} {among}", values)
        if ids is None:
            db.execute("UPDATE temp.reach_state SET whole = 1")
        db.execute("RELEASE reach")
    except BaseException:
        db.execute("ROLLBACK TO reach")
        db.execute("RELEASE reach")
        raise


_STATE = """
INSERT INTO temp.reach_state
SELECT EXISTS (SELECT 1 FROM main.token WHERE coalesce(scopes, '[]') != '[]'), 0
"""
_SCOPES = "coalesce(t.scopes, '[]') FROM main.token AS t"
_KINDS = """
SELECT t.id, s.kind FROM main.token AS t CROSS JOIN temp.scope_set AS s ON s.scopes = coalesce(t.scopes, '[]')
"""


def _derive(db: sqlite3.Connection, *, told: bool) -> None:
    for kind, scopes in db.execute("SELECT kind, scopes FROM temp.scope_set WHERE power IS NULL").fetchall():
        found = reach_of(json.loads(scopes), scopes_told=told)
        db.execute(
            "UPDATE temp.scope_set SET reach = ?, words = ?, power = ?, stops = ? WHERE kind = ?",
            (json.dumps(found.products, ensure_ascii=False), found.words, found.power, found.stops, kind),
        )
        db.executemany(
            "INSERT OR IGNORE INTO temp.reach_value VALUES (?, ?)", ((kind, value) for value in found.values)
        )

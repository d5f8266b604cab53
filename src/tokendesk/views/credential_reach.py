"""Computes what credentials reach, for filters and rows, on first use: there are few of them."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tokendesk.model.credential_kinds import KEY, SERVICE_ACCOUNT
from tokendesk.model.scope_patterns import ADMIN, ORGANIZATION
from tokendesk.model.token_reach import EVERYTHING, Reach, reach_of

TABLES = """
CREATE TEMP TABLE credential_reach (id INTEGER PRIMARY KEY, reach TEXT, words TEXT, power TEXT);
CREATE TEMP TABLE credential_reach_value (id INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id, value))
    WITHOUT ROWID;
"""
_OF_ROW = "(SELECT cr.{} FROM temp.credential_reach AS cr WHERE cr.id = r.id)"
POWER = _OF_ROW.format("power")
WORDS = _OF_ROW.format("words")
COLUMNS = {"reach": _OF_ROW.format("reach"), "reach_words": WORDS, "power": POWER}
"""Columns for `credential_row AS r`; call `read_credential_reach` first."""
REACHES = ("r.id IN (SELECT cv.id FROM temp.credential_reach_value AS cv WHERE ", ")")
HAS_POWER = ("r.id IN (SELECT cr.id FROM temp.credential_reach AS cr WHERE ", ")")

_UNREAD = """
SELECT id, kind, coalesce(scopes, '[]') AS scopes, tells_scopes FROM credential
WHERE id NOT IN (SELECT id FROM temp.credential_reach) AND kind != ?
"""
_AMONG = " AND id IN (SELECT value FROM json_each(?))"


def read_credential_reach(db: sqlite3.Connection, ids: Iterable[int] | None = None) -> None:
    """Fill the tables for the rows `ids`, or for all. A service account itself has no scopes: its tokens have."""
    among = [] if ids is None else [json.dumps(list(ids))]
    rows = db.execute(_UNREAD + _AMONG * len(among), (SERVICE_ACCOUNT, *among)).fetchall()
    found = [(row[0], _of_scopes(row[1], row[2], bool(row[3]))) for row in rows]
    db.executemany(
        "INSERT OR IGNORE INTO temp.credential_reach VALUES (?, ?, ?, ?)",
        ((row_id, json.dumps(reach.products, ensure_ascii=False), reach.words, reach.power) for row_id, reach in found),
    )
    db.executemany(
        "INSERT OR IGNORE INTO temp.credential_reach_value VALUES (?, ?)",
        ((row_id, value) for row_id, reach in found for value in reach.values),
    )


@lru_cache(maxsize=4096)
def _of_scopes(kind: str, scopes: str, scopes_told: bool) -> Reach:
    return credential_reach(kind, json.loads(scopes), scopes_told=scopes_told)


def credential_reach(kind: str, scopes: Sequence[str], *, scopes_told: bool) -> Reach:
    """Return what the scopes tell. An API key without scopes may do all there is (api handbook 2).

    What the others may do without scopes is not known: their lists are not documented, and tokens of service accounts
    always have some (api handbook 9).
    """
    found = reach_of(scopes, scopes_told=scopes_told and kind == KEY)
    return Reach((ORGANIZATION,), ADMIN) if found.products == (EVERYTHING,) else found

"""Computes what credentials reach, for filters and rows, on first use: there are few of them."""

import json
import sqlite3

from tokendesk.model.records import KEY, SERVICE_ACCOUNT, SERVICE_TOKEN
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
SELECT id, kind, scopes, tells_scopes FROM credential
WHERE id NOT IN (SELECT id FROM temp.credential_reach) AND kind != ?
"""


def read_credential_reach(db: sqlite3.Connection) -> None:
    """Fill the tables. A service account itself has no scopes: its tokens have."""
    for row_id, kind, scopes, told in db.execute(_UNREAD, (SERVICE_ACCOUNT,)).fetchall():
        found = credential_reach(kind, json.loads(scopes or "[]"), scopes_told=bool(told))
        reach = json.dumps(found.products, ensure_ascii=False)
        db.execute(
            "INSERT OR IGNORE INTO temp.credential_reach VALUES (?, ?, ?, ?)",
            (row_id, reach, found.words, found.power),
        )
        db.executemany(
            "INSERT OR IGNORE INTO temp.credential_reach_value VALUES (?, ?)",
            ((row_id, value) for value in found.values),
        )


def credential_reach(kind: str, scopes: list[str], *, scopes_told: bool) -> Reach:
    """Return what the scopes tell. An API key without scopes may do all there is (api handbook 2).

    An OAuth client without scopes is not known to have all: the lists of clients are not documented.
    """
    found = reach_of(scopes, scopes_told=scopes_told and kind in (KEY, SERVICE_TOKEN))
    return Reach((ORGANIZATION,), ADMIN) if kind == KEY and found.products == (EVERYTHING,) else found

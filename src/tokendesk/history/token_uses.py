"""Uses of tokens seen by pulls and the audit log, and which token replaces which."""

import sqlite3
from collections.abc import Iterable, Mapping

from tokendesk.model.timestamps import DAY

MOST_USES = 60
"""Latest uses of a token that are read: enough for a daily rhythm; a quarterly one has fewer in years."""
USES_KEPT = 120
"""The number of latest uses kept per token, twice as many as a rhythm needs; all changes are kept."""


def pull_times(db: sqlite3.Connection, schema: str = "main") -> list[int]:
    """Return the times of all completed pulls, in order."""
    found = db.execute(f"SELECT DISTINCT pulled_at FROM {schema}.pull JOIN {schema}.completed USING (pull_id)")
    return sorted(row[0] for row in found)


def token_uses(db: sqlite3.Connection, tokens: Iterable[str], schema: str = "main", most: int = MOST_USES) -> list[int]:
    """Return the latest uses seen of a token and those before it in its chain, in order: `most` from each source."""
    uses: set[int] = set()
    for token_id in tokens:
        observed = (
            f"SELECT last_used FROM {schema}.observation JOIN {schema}.completed USING (pull_id)"
            " WHERE token_id = ? ORDER BY last_used DESC LIMIT ?"
        )
        # One of each half day: a busy hour in the log must not crowd out the weeks before.
        audited = (
            f"SELECT max(at) AS last FROM {schema}.event WHERE token_id = ?"
            f" GROUP BY at / {DAY // 2} ORDER BY last DESC LIMIT ?"
        )
        for question in (observed, audited):
            uses.update(row[0] for row in db.execute(question, (token_id, most)))
    return sorted(uses)[-2 * most :]


def replacement_chain(token_id: str, replaces: Mapping[str, str]) -> list[str]:
    """Return the token and the ones it replaces, newest first."""
    found = [token_id]
    while (before := replaces.get(found[-1])) and before not in found:
        found.append(before)
    return found


def replaced_tokens(db: sqlite3.Connection, schema: str = "desk") -> dict[str, str]:
    """Return which token each token replaces."""
    question = f"SELECT subject, replaces FROM {schema}.note WHERE about = 'token' AND replaces IS NOT NULL"
    return dict(tuple(row) for row in db.execute(question))

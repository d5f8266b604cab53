"""The rhythm of each token, out of the observations of all pulls and the audited actions."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tokendesk.history.file import open_history
from tokendesk.model.moments import DAY
from tokendesk.model.rhythm import find_rhythm
from tokendesk.snapshot.file import snapshot_uri
from tokendesk.sqlite import file_uri

MOST_USES = 60
"""The latest so many uses of a token are read: a daily rhythm shows in them, a quarterly one has fewer in years."""


def pulls_of(db: sqlite3.Connection, schema: str = "main") -> list[int]:
    """Return the moments of all completed pulls, in order."""
    found = db.execute(f"SELECT DISTINCT pulled_at FROM {schema}.pull JOIN {schema}.completed USING (pull_id)")
    return sorted(row[0] for row in found)


def uses_of(db: sqlite3.Connection, tokens: Iterable[str], schema: str = "main", most: int = MOST_USES) -> list[int]:
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


def chain(token_id: str, replaces: Mapping[str, str]) -> list[str]:
    """Return the token and those it took over from, as the notes say, the newest first."""
    found = [token_id]
    while (before := replaces.get(found[-1])) and before not in found:
        found.append(before)
    return found


def replaced(db: sqlite3.Connection, schema: str = "desk") -> dict[str, str]:
    """Return which token took over from which."""
    question = f"SELECT subject, replaces FROM {schema}.note WHERE about = 'token' AND replaces IS NOT NULL"
    return dict(tuple(row) for row in db.execute(question))


def renew_rhythms(history: Path, snapshot: Path, desk: Path, only: Sequence[str] = ()) -> None:
    """Find anew the rhythm of each token of the snapshot, or of those in `only`.

    To be called when observations or events were added, and, for one token, when it was said to take over.
    """
    if not (history.exists() and snapshot.exists()):
        return
    with open_history(history) as db:
        db.execute("ATTACH ? AS snapshot", (snapshot_uri(snapshot),))
        replaces: dict[str, str] = {}
        if desk.exists():
            db.execute("ATTACH ? AS desk", (file_uri(desk, "mode=ro"),))
            replaces = replaced(db)
        tokens = only or [row[0] for row in db.execute("SELECT token_id FROM snapshot.token")]
        found = list(_known(db, tokens, replaces, pulls_of(db)))
        db.execute("BEGIN IMMEDIATE")
        if only:
            db.executemany("DELETE FROM rhythm WHERE token_id = ?", ((token_id,) for token_id in only))
        else:
            db.execute("DELETE FROM rhythm")
        db.executemany("INSERT INTO rhythm VALUES (?, ?, ?)", found)
        db.execute("COMMIT")


def _known(
    db: sqlite3.Connection, tokens: Iterable[str], replaces: Mapping[str, str], pulls: Sequence[int]
) -> Iterator[tuple[str, str, int | None]]:
    for token_id in tokens:
        rhythm = find_rhythm(uses_of(db, chain(token_id, replaces)), pulls)
        if rhythm.cadence != "unknown":
            yield token_id, rhythm.cadence, rhythm.next_at

"""The rhythm of each token, out of the observations of all pulls and the audited actions."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tokendesk.history.uses import chain, pulls_of, replaced, uses_of
from tokendesk.history.writing import open_history
from tokendesk.model.usage_rhythm import find_rhythm
from tokendesk.snapshot.file import snapshot_uri
from tokendesk.sqlite import file_uri


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

"""Computes the usage rhythm of each token from observations of pulls and audit events."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tokendesk.history.token_uses import pull_times, replaced_tokens, replacement_chain, token_uses
from tokendesk.history.writing import open_history
from tokendesk.model.usage_rhythm import find_rhythm
from tokendesk.snapshot.file import snapshot_uri
from tokendesk.sqlite import file_uri, is_there


def update_rhythms(history: Path, snapshot: Path, desk: Path, only: Sequence[str] = ()) -> None:
    """Recompute the rhythm of each token of the snapshot, or of those in `only`.

    Call it after adding observations or events, and for a token that replaces another.
    """
    if not (is_there(history, "history") and snapshot.exists()):
        return
    with open_history(history) as db:
        db.execute("ATTACH ? AS snapshot", (snapshot_uri(snapshot),))
        replaces: dict[str, str] = {}
        if is_there(desk, "desk"):
            db.execute("ATTACH ? AS desk", (file_uri(desk, "mode=ro"),))
            replaces = replaced_tokens(db)
        tokens = only or [row[0] for row in db.execute("SELECT token_id FROM snapshot.token")]
        found = list(_find_rhythms(db, tokens, replaces, pull_times(db)))
        db.execute("BEGIN IMMEDIATE")
        if only:
            db.executemany("DELETE FROM rhythm WHERE token_id = ?", ((token_id,) for token_id in only))
        else:
            db.execute("DELETE FROM rhythm")
        db.executemany("INSERT INTO rhythm VALUES (?, ?, ?)", found)
        db.execute("COMMIT")


def _find_rhythms(
    db: sqlite3.Connection, tokens: Iterable[str], replaces: Mapping[str, str], pulls: Sequence[int]
) -> Iterator[tuple[str, str, int | None]]:
    for token_id in tokens:
        rhythm = find_rhythm(token_uses(db, replacement_chain(token_id, replaces)), pulls)
        if rhythm.cadence != "unknown":
            yield token_id, rhythm.cadence, rhythm.next_at

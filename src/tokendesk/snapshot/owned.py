"""Owners and their tokens in a snapshot."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tokendesk.errors import UsageError
from tokendesk.snapshot.file import check_snapshot, snapshot_uri


class OwnedToken(NamedTuple):
    """`created`: epoch seconds."""

    token_id: str
    label: str
    created: int | None


def owned_tokens(path: Path, account_ids: Iterable[str]) -> Mapping[str, Sequence[OwnedToken]]:
    """Return the tokens of each account; empty if there is no readable snapshot."""
    found: dict[str, list[OwnedToken]] = {account_id: [] for account_id in account_ids}
    try:
        check_snapshot(path)
        with closing(sqlite3.connect(snapshot_uri(path), uri=True)) as db:
            for account_id, tokens in found.items():
                rows = db.execute("SELECT token_id, label, created FROM token WHERE owner_id = ?", (account_id,))
                tokens.extend(map(OwnedToken._make, rows))
    except (UsageError, sqlite3.Error):
        return {}
    return found


def owners_in(path: Path) -> list[str]:
    """Return the account ids of the users who own tokens. Raises sqlite3.Error."""
    with closing(sqlite3.connect(snapshot_uri(path), uri=True)) as db:
        return [account_id for (account_id,) in db.execute("SELECT account_id FROM user WHERE tokens ORDER BY id")]

"""What the admin knows of authentication policies: the API tells neither names nor settings."""

import sqlite3
from collections.abc import Mapping, Sequence

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.fields import fields_of, put_fields
from tokendesk.desk.folding import Fold, Folded
from tokendesk.errors import UsageError
from tokendesk.model.text import fold

TOKEN_SETTINGS = ("allowed", "blocked")
FIELDS = ("name", "tokens", "remarks")


def write_policy(desk: Desk, policy_id: str, fields: Mapping[str, str | None]) -> Entry:
    """Write what the admin knows of a policy: `name`, `tokens` (allowed, blocked), `remarks`."""
    tokens = fields.get("tokens")
    if tokens and tokens not in TOKEN_SETTINGS:
        raise UsageError(f"{tokens!r} is no token setting. Use one of: {', '.join(TOKEN_SETTINGS)}.")
    return desk.append("policy", {"policy": policy_id, "fields": dict(fields)})


def _put(db: sqlite3.Connection, entries: Sequence[Folded]) -> None:
    for entry in entries:
        put_fields(db, entry, "policy", [entry.payload["policy"]])
    for policy_id in {entry.payload["policy"] for entry in entries}:
        _write(db, policy_id)


def _write(db: sqlite3.Connection, policy_id: str) -> None:
    fields = {name: field for name, field in fields_of(db, "policy", policy_id).items() if field.value is not None}
    name, tokens, remarks = (fields[key].value if key in fields else None for key in FIELDS)
    if tokens not in TOKEN_SETTINGS:  # a newer tokendesk's, or made by hand: what it means is not known here
        tokens = None
    said = fields["tokens"].time if tokens else None
    db.execute(
        "INSERT OR REPLACE INTO policy_fact VALUES (?, ?, ?, ?, ?, ?)",
        (policy_id, name, tokens, said, remarks, fold(name or "")),
    )


FOLD = Fold(("policy",), ("policy_fact",), _put)

"""Facts that the admin notes on authentication policies: the API returns neither names nor settings."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from tokendesk.desk.bounds import LONGEST_TEXT
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.fields import canonical_value, fields_of
from tokendesk.desk.folding import Says
from tokendesk.desk.touched import Said
from tokendesk.errors import UsageError
from tokendesk.model.text import fold

TOKEN_SETTINGS = ("allowed", "blocked")
FIELDS = ("name", "tokens", "remarks")
ABOUT = "policy"


def write_policy(desk: Desk, policy_id: str, fields: Mapping[str, str | None]) -> Entry:
    """Write facts on a policy: `name`, `tokens` (allowed, blocked), `remarks`."""
    tokens = fields.get("tokens")
    if tokens and tokens not in TOKEN_SETTINGS:
        raise UsageError(f"{tokens!r} is not a token setting. Use one of: {', '.join(TOKEN_SETTINGS)}.")
    for field, text in fields.items():
        if text and len(text) > LONGEST_TEXT:
            raise UsageError(f"A {field} may have {LONGEST_TEXT:,} characters; this one has {len(text):,}. Shorten it.")
    return desk.append("policy", {"policy": policy_id, "fields": dict(fields)})


def _read(payload: Mapping[str, Any]) -> list[Said]:
    fields: Mapping[str, Any] = payload["fields"]
    return [(ABOUT, payload["policy"], name, canonical_value(value)) for name, value in fields.items()]


def _sum_up(db: sqlite3.Connection, about: str, policies: list[str]) -> None:
    for policy_id in policies:
        _sum_up_one(db, about, policy_id)


def _sum_up_one(db: sqlite3.Connection, about: str, policy_id: str) -> None:
    found = fields_of(db, about, policy_id)
    if not found:
        db.execute("DELETE FROM policy_fact WHERE policy_id = ?", (policy_id,))
        return
    fields = {name: field for name, field in found.items() if field.value is not None}
    name, tokens, remarks = (fields[key].value if key in fields else None for key in FIELDS)
    if tokens not in TOKEN_SETTINGS:  # from a newer version, or made by hand: its meaning is unknown here
        tokens = None
    said = fields["tokens"].time if tokens else None
    db.execute(
        "INSERT OR REPLACE INTO policy_fact VALUES (?, ?, ?, ?, ?, ?)",
        (policy_id, name, tokens, said, remarks, fold(name or "")),
    )


SAYS = Says("policy", _read, _sum_up, ABOUT)

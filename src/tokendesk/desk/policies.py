"""Facts that the admin notes on authentication policies: the API returns neither names nor settings."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from tokendesk.desk.bounds import LONGEST_TEXT
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.field_folding import FieldWrite
from tokendesk.desk.fields import canonical_value, fields_of
from tokendesk.desk.folding import FieldRules
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


def _read(payload: Mapping[str, Any]) -> list[FieldWrite]:
    fields: Mapping[str, Any] = payload["fields"]
    return [(ABOUT, payload["policy"], name, canonical_value(value)) for name, value in fields.items()]


def _build_rows(db: sqlite3.Connection, about: str, policies: list[str]) -> None:
    for policy_id in policies:
        _build_row(db, about, policy_id)


def _build_row(db: sqlite3.Connection, about: str, policy_id: str) -> None:
    found = fields_of(db, about, policy_id)
    if not found:
        db.execute("DELETE FROM policy_fact WHERE policy_id = ?", (policy_id,))
        return
    fields = {name: field for name, field in found.items() if field.value is not None}
    name, tokens, remarks = (fields[key].value if key in fields else None for key in FIELDS)
    if tokens not in TOKEN_SETTINGS:  # from a newer version, or made by hand: its meaning is unknown here
        tokens = None
    tokens_at = fields["tokens"].time if tokens else None
    db.execute(
        "INSERT OR REPLACE INTO policy_fact VALUES (?, ?, ?, ?, ?, ?)",
        (policy_id, name, tokens, tokens_at, remarks, fold(name or "")),
    )


FIELD_RULES = FieldRules("policy", _read, _build_rows, ABOUT)

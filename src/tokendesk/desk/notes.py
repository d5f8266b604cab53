"""Notes on tokens and users, and what is known of policies, written as entries."""

from collections.abc import Mapping, Sequence

from tokendesk.desk.entries import Desk, Entry
from tokendesk.errors import UsageError

DECISIONS = ("undecided", "keep", "move", "revoke", "ask")
TOKEN_SETTINGS = ("allowed", "blocked")
LONGEST = 10_000


def write_note(desk: Desk, about: str, subjects: Sequence[str], fields: Mapping[str, str | bool | None]) -> Entry:
    """Write `fields` on each of `subjects`, ids of what `about` names (`token`, `user`): one entry, one undo."""
    for field, value in fields.items():
        if isinstance(value, str) and len(value) > LONGEST:
            raise UsageError(f"A {field} may have {LONGEST:,} characters; this one has {len(value):,}. Shorten it.")
    decision = fields.get("decision")
    if decision and decision not in DECISIONS:
        raise UsageError(f"{decision!r} is no decision. Use one of: {', '.join(DECISIONS)}.")
    return desk.append("note", {"about": about, "subjects": list(subjects), "fields": dict(fields)})


def write_policy(desk: Desk, policy_id: str, fields: Mapping[str, str | None]) -> Entry:
    """Write what the admin knows of a policy: `name`, `tokens` (allowed, blocked), `remarks`."""
    tokens = fields.get("tokens")
    if tokens and tokens not in TOKEN_SETTINGS:
        raise UsageError(f"{tokens!r} is no token setting. Use one of: {', '.join(TOKEN_SETTINGS)}.")
    return desk.append("policy", {"policy": policy_id, "fields": dict(fields)})


def undo(desk: Desk, entry: Entry) -> Entry:
    return desk.append("undo", {"entry": entry.entry_id})

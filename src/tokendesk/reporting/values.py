"""The columns for scripts, spreadsheets and reports, by pane: values as Atlassian sent them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tokendesk.model.timestamps import iso
from tokendesk.views.reader import Row


def _findings(row: Row) -> list[str]:
    return [finding.name for finding in row["findings"]]


def _json_list(key: str) -> Callable[[Row], Any]:
    return lambda row: None if row[key] is None else json.loads(row[key])


def _lines(key: str) -> Callable[[Row], list[str]]:
    return lambda row: row[key].split("\n") if row[key] else []


def _key(key: str) -> Callable[[Row], Any]:
    return lambda row: row[key]


def _target(row: Row) -> Any:
    """Return the policy's name; empty for a policy without a name, since its id has its own column."""
    cut = f"Policy {(row['target'] or '')[:4]}…"
    return None if row["target_name"] == cut else row["target_name"]


def _renewal(row: Row) -> Any:
    """Return how far the renewal is; None if none is due, or nobody asked for it."""
    return row.get("renewal")


_NOTE: Mapping[str, Callable[[Row], Any]] = {
    "purpose": _key("purpose"),
    "contact": _key("contact"),
    "decision": _key("decision"),
    "tags": _lines("tags"),
    "target": _key("target"),
    "to": _target,
    "review": _key("review_by"),
    "remarks": _key("remarks"),
    "asked": _key("asked_on"),
    "reply": _key("reply_by"),
    "answer": _key("answer"),
    "replaces": _key("replaces"),
    "noted": _key("note_changed"),
    "noted_by": _key("note_author"),
}
COLUMNS: Mapping[str, Mapping[str, Callable[[Row], Any]]] = {
    "tokens": {
        "id": _key("token_id"),
        "label": _key("label"),
        "status": _key("status"),
        "created": _key("created_text"),
        "expires": _key("expires_text"),
        "used": _key("last_used_text"),
        "owner": _key("owner"),
        "email": _key("email"),
        "owner_id": _key("owner_id"),
        "owner_status": _key("owner_status"),
        "policy": _key("policy_known"),
        "policy_id": _key("policy_id"),
        "scopes": _json_list("scopes"),
        **_NOTE,
        "rhythm": _key("rhythm"),
        "renewal": _renewal,
        "activity": lambda row: iso(row["activity"]),
        "findings": _findings,
        "reach": _json_list("reach"),
        "power": _key("power"),
        "stops": _key("stops"),
    },
    "users": {
        "id": _key("account_id"),
        "name": _key("name"),
        "email": _key("email"),
        "status": _key("status"),
        "policy": _key("policy_known"),
        "policy_id": _key("policy_id"),
        "tokens": _key("tokens"),
        "active": _key("last_active_text"),
        "added": _key("added_text"),
        "deactivated": _key("deactivated_text"),
        "title": _key("job_title"),
        "department": _key("department"),
        "org_admin": lambda row: None if row["org_admin"] is None else bool(row["org_admin"]),
        **_NOTE,
        "findings": _findings,
        "roles": _json_list("roles"),
        "access": _json_list("products"),
    },
    "policies": {
        "id": _key("policy_id"),
        "name": _key("known"),
        "users": _key("users"),
        "tokens": _key("tokens"),
        "allowed": _key("allowed"),
        "blocked": _key("blocked"),
        "setting": _key("setting"),
        "remarks": _key("remarks"),
        "findings": _findings,
    },
    "changes": {
        "at": lambda row: iso(row["at"]),
        "kind": _key("kind"),
        "subject": _key("subject"),
        "id": _key("record"),
        "label": _key("label"),
        "owner": _key("owner"),
        "email": _key("email"),
        "before": _key("before"),
        "after": _key("after"),
        **_NOTE,
        "renewal": _renewal,
    },
    "credentials": {
        "kind": _key("kind"),
        "id": _key("credential_id"),
        "name": _key("name"),
        "email": _key("email"),
        "description": _key("description"),
        "status": _key("status"),
        "account": _key("account_name"),
        "account_id": _key("account_id"),
        "maker": _key("maker_name"),
        "maker_email": _key("maker_email"),
        "maker_id": _key("maker_id"),
        "maker_status": _key("maker_state"),
        "created": _key("created_text"),
        "ends": _key("ends_text"),
        "used": lambda row: row["last_used_text"] or iso(row["last_used"]),
        "scopes": _json_list("scopes"),
        "tokens": _key("tokens"),
        "clients": _key("clients"),
        **{name: value for name, value in _NOTE.items() if name not in ("target", "to")},
        "findings": _findings,
        "reach": _json_list("reach"),
        "power": _key("power"),
        "renewal": _renewal,
    },
    "journal": {
        "id": _key("run_id"),
        "kind": _key("kind"),
        "at": lambda row: iso(row["began"]),
        "by": _key("author"),
        "state": _key("state"),
        "words": _key("words"),
        "to": _key("target_known"),
        "planned": _key("planned"),
        "there": _key("there"),
        "refused": _key("refused"),
        "good": _key("good"),
        "bad": _key("bad"),
        "unsure": _key("unsure"),
        "verified": _key("verified"),
        "differs": _key("differs"),
        "ended": lambda row: iso(row["ended"]),
        "undoes": _key("undoes"),
        "undone_by": _key("undone_by"),
        "quarantine": _key("quarantine"),
        "plan": _key("digest"),
        "findings": _findings,
    },
}

MOMENTS = frozenset({"at", "created", "expires", "used", "active", "added", "deactivated", "ended", "ends"})
"""The columns with times."""


def as_text(value: Any) -> str:
    """Return a value in the form that people read."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

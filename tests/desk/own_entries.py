"""Desks with an author, and entries with their ids that they did not write."""

from pathlib import Path

from tests.practice import NOW
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.runs import BEGUN

ROW = {
    "account_id": "a", "name": "n", "email": "e", "from_id": "P0", "to_id": "P1", "outcome": "do", "reason": "",
    "tokens": [],
}  # fmt: skip
PLAN = {"kind": "move", "undoes": None, "quarantine_until": None, "rows": [ROW]}


def opened(path: Path, author: str) -> Desk:
    desk = Desk(path, author=author, clock=lambda: NOW)
    desk.bind_organization("org")
    return desk


def forged(desk: Desk, sequence: int, kind: str = "note") -> Entry:
    payload: dict[str, object] = {"about": "token", "subjects": ["t"], "fields": {"decision": "revoke"}}
    if kind == BEGUN:
        plan: dict[str, object] = {"kind": "move", "undoes": None, "quarantine_until": None, "rows": []}
        payload = {"plan": plan, "digest": "d", "key": None}
    return Entry(desk.desk_id, sequence, "2026-11-23T09:30:00.000000Z", "eve", kind, payload)

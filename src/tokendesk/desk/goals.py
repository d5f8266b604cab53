"""The goal: the policy in which user API tokens are to be blocked."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from tokendesk.desk.clocks import Clocks
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.field_folding import FieldWrite
from tokendesk.desk.fields import latest
from tokendesk.desk.folding import FieldRules


def write_goal(desk: Desk, policy_id: str | None) -> Entry:
    """Set the goal "block tokens in this policy"; None removes it."""
    return desk.append("goal", {"policy": policy_id})


ABOUT = "goal"


def _read(payload: Mapping[str, Any]) -> list[FieldWrite]:
    return [(ABOUT, "", "policy", payload["policy"])]


def _build_rows(db: sqlite3.Connection, _about: str, _subjects: list[str]) -> None:
    clocks = Clocks(db)
    found = latest(db, clocks, (ABOUT, "", "policy"))
    db.execute("DELETE FROM goal")
    if found is not None:
        shown = clocks.shown(found.desk_id, found.sequence, found.written)
        db.execute(
            "INSERT INTO goal VALUES (1, ?, ?, ?, ?, ?)",
            (found.value, shown, found.author, found.desk_id, found.sequence),
        )


FIELD_RULES = FieldRules("goal", _read, _build_rows, ABOUT)

"""The goal: the policy in which user API tokens are to be blocked."""

import sqlite3
from collections.abc import Sequence

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.folding import Fold, Folded


def write_goal(desk: Desk, policy_id: str | None) -> Entry:
    """Set the goal to "block tokens in this policy"; None takes it away."""
    return desk.append("goal", {"policy": policy_id})


_PUT = """
INSERT INTO goal VALUES (1, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET policy_id = excluded.policy_id, time = excluded.time, author = excluded.author,
    desk_id = excluded.desk_id, sequence = excluded.sequence
WHERE (excluded.time, excluded.desk_id, excluded.sequence) > (time, desk_id, sequence)
"""


def _put(db: sqlite3.Connection, entries: Sequence[Folded]) -> None:
    for entry in entries:
        time, desk_id, sequence = entry.moment
        db.execute(_PUT, (entry.payload["policy"], time, entry.author, desk_id, sequence))


FOLD = Fold(("goal",), ("goal",), _put)

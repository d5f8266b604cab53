"""The activity of one token, from the audit log."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """`name`: its display name, or the id of the action if the name is unknown."""

    at: int
    name: str
    products: tuple[str, ...]
    ip: str


@dataclass(frozen=True, slots=True)
class Activity:
    """All audited actions of a token.

    `by_id` of them name it by its id, the others by its label and its owner, who has `alike` tokens of that label.
    """

    total: int
    by_id: int
    alike: int
    latest: Sequence[Action]
    products: Sequence[tuple[str, int]]
    addresses: Sequence[tuple[str, int]]
    moments: Sequence[int]
    """Times of the actions since the requested time, in order."""


# As in views/activity.sql: by label and owner if the log names no token, or uses ids that are not in the list.
_ACTIONS_SQL = """
SELECT * FROM {schema}.event WHERE token_id = :token
UNION ALL
SELECT * FROM {schema}.event WHERE actor_id = :owner AND token_label = :label AND token_label != ''
    AND token_id != :token AND (token_id = '' OR :foreign)
"""
_SAME_IDS = "SELECT EXISTS (SELECT 1 FROM {schema}.event_use AS e JOIN main.token AS t ON t.token_id = e.token_id)"


def token_activity(
    db: sqlite3.Connection, schema: str, token_id: str, owner_id: str | None, label: str, since: int, most: int
) -> Activity:
    """Return the activity of a token, with its latest `most` actions. `main` is the snapshot."""
    foreign = not db.execute(_SAME_IDS.format(schema=schema)).fetchone()[0]
    values = {
        "token": token_id, "owner": owner_id or "", "label": label, "foreign": foreign, "since": since, "most": most,
    }  # fmt: skip
    done = f"WITH done AS ({_ACTIONS_SQL.format(schema=schema)}) "
    counts = f"{done}SELECT count(*), count(*) FILTER (WHERE token_id = :token) FROM done"
    total, by_id = db.execute(counts, values).fetchone()
    same_label = "SELECT count(*) FROM main.token WHERE owner_id = :owner AND label = :label"
    alike = db.execute(same_label, values).fetchone()[0]
    latest = db.execute(
        f"{done}SELECT at, coalesce(a.name, action), products, ip FROM done LEFT JOIN {schema}.event_action AS a"
        " USING (action) ORDER BY at DESC LIMIT :most",
        values,
    )
    actions = [Action(at, name, tuple(filter(None, products.split("\n"))), ip) for at, name, products, ip in latest]
    products: Counter[str] = Counter()
    for named, count in db.execute(f"{done}SELECT products, count(*) FROM done GROUP BY products", values):
        products.update({name: count for name in named.split("\n") if name})
    addresses = db.execute(
        f"{done}SELECT ip, count(*) AS n FROM done WHERE ip != '' GROUP BY ip ORDER BY n DESC, ip LIMIT :most", values
    )
    recent = db.execute(f"{done}SELECT at FROM done WHERE at >= :since ORDER BY at", values)
    return Activity(
        total,
        by_id,
        alike,
        actions,
        products.most_common(),
        [(ip, count) for ip, count in addresses],
        [row[0] for row in recent],
    )

"""Reads the decisions on tokens, for triage and its summary."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tokendesk.model.text import printable
from tokendesk.views.reader import Reader

_DECIDED = """
SELECT subject, decision FROM desk.note
WHERE about = 'token' AND decision IS NOT NULL AND decision != 'undecided'
"""
_TARGETS = """
SELECT t.token_id, t.user, n.target, (SELECT name FROM temp.policy_name AS p WHERE p.policy_id = n.target) AS name
FROM desk.note AS n JOIN main.token AS t ON t.token_id = n.subject
WHERE n.about = 'token' AND n.decision = 'move'
"""


def decisions(reader: Reader) -> dict[str, str]:
    """Return the decisions by token id."""
    return {row[0]: row[1] for row in reader.db.execute(_DECIDED)}


@dataclass(frozen=True, slots=True)
class Move:
    """How many owners move to one policy."""

    target: str
    owners: int
    tokens: int


def moves(reader: Reader, ids: Iterable[str]) -> list[Move]:
    """Return the target policies of the tokens in `ids` with the decision to move, most owners first."""
    wanted = set(ids)
    tokens: Counter[str] = Counter()
    owners: dict[str, set[int | None]] = {}
    for row in reader.db.execute(_TARGETS):
        if row["token_id"] in wanted:
            name = printable(row["name"] or row["target"] or "where to is open")
            tokens[name] += 1
            owners.setdefault(name, set()).add(row["user"])
    found = [Move(name, len(owners[name]), count) for name, count in tokens.items()]
    return sorted(found, key=lambda move: (-move.owners, move.target))

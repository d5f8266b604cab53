"""Finds tokens in a plan whose decision names another policy than the one that their owner moves to."""

import json
from collections.abc import Iterable

from tokendesk.model.counting import counted
from tokendesk.model.plan import DO, PlanRow, PlanWarning
from tokendesk.model.text import printable
from tokendesk.views.reader import Reader

_MOST_NAMED = 4
_SQL = """
SELECT t.token_id, t.label, t.target, coalesce(p.name, t.target) AS policy FROM token_row AS t
LEFT JOIN policy_name AS p ON p.policy_id = t.target
WHERE t.decision = 'move' AND t.target IS NOT NULL AND t.status IS NOT 'REVOKED'
    AND t.token_id IN (SELECT value FROM json_each(?)) ORDER BY t.id
"""


def decided_elsewhere(reader: Reader, rows: Iterable[PlanRow]) -> PlanWarning | None:
    moving = {
        token.token_id: row for row in rows if row.outcome == DO for token in row.tokens if token.decision == "move"
    }
    found = [
        token for token in reader.db.execute(_SQL, (json.dumps([*moving]),))
        if token["target"] != moving[token["token_id"]].to_id
    ] if moving else []  # fmt: skip
    if not found:
        return None
    listed = [f"{printable(token['label'] or '(no label)')} ({printable(token['policy'])})" for token in found]
    more = f" and {len(listed) - _MOST_NAMED:,} more" if len(listed) > _MOST_NAMED else ""
    have = "has" if len(found) == 1 else "have"
    return PlanWarning(
        "decided-elsewhere",
        f"{counted(len(found), 'token')} {have} the decision to move to another policy: "
        f"{', '.join(listed[:_MOST_NAMED])}{more}.",
        tuple(dict.fromkeys(moving[token["token_id"]].record for token in found)),
        tuple(token["token_id"] for token in found),
    )

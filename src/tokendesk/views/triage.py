"""Orders tokens for triage: groups by urgency, with the reason for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokendesk.views.goals import current_goal, goal_filter
from tokendesk.views.reader import Reader

_GROUPS = (
    ("in use without purpose", "is:in-use purpose:none"),
    ("expiring in use", "is:expiring-in-use"),
    ("owner inactive", "is:owner-inactive"),
    ("owner unknown", "is:owner-unknown"),
    ("idle", "is:idle"),
)
_REST = "the rest"
_DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Urgency:
    """Tokens that are equally urgent, in the given order. `title`: the reason for the group."""

    title: str
    ids: tuple[int, ...]


def triage_groups(reader: Reader, ids: Sequence[int], now: int) -> tuple[Urgency, ...]:
    """Return the tokens `ids` by urgency. With a goal, the tokens of its policy come before all others.

    A token is in the first group that matches. Empty groups are omitted.
    """
    pane = reader.panes["tokens"]
    goal = current_goal(reader)
    asked = [*(text for _, text in _GROUPS), "is:decided", "is:revoked", *([goal_filter(reader, goal)] if goal else [])]
    wheres = [where for text in asked if (where := reader.where(pane, (text,), now))]
    sql = f"SELECT r.id, {', '.join(where.sql for where in wheres)} FROM {pane.view} AS r"
    facts = {row[0]: tuple(row)[1:] for row in reader.db.execute(sql, [v for where in wheres for v in where.params])}

    places: dict[tuple[bool, bool, int], list[int]] = {}
    for row_id in ids:
        if row_id in facts:
            holds = facts[row_id]
            if holds[len(_GROUPS) + 1]:
                continue  # nothing left to decide
            decided = bool(holds[len(_GROUPS)])
            elsewhere = goal is not None and not holds[-1]
            rank = next((number for number in range(len(_GROUPS)) if holds[number]), len(_GROUPS))
            place = (decided, elsewhere, 0 if decided else rank)
            places.setdefault(place, []).append(row_id)

    def title(decided: bool, elsewhere: bool, rank: int) -> str:
        words = _DECIDED if decided else _GROUPS[rank][0] if rank < len(_GROUPS) else _REST
        return words if goal is None else f"{words}, not in {goal.name}" if elsewhere else f"{words}, in {goal.name}"

    return tuple(Urgency(title(*place), tuple(places[place])) for place in sorted(places))


def describe_triage_order(reader: Reader) -> str:
    """Return the sentence that explains the order."""
    goal = current_goal(reader)
    titles = [title for title, _ in _GROUPS]
    first = f"tokens in {goal.name} first; " if goal else ""
    sentence = f"{first}{', '.join(titles)}, {_REST}, {_DECIDED}"
    return sentence[0].upper() + sentence[1:] + "."

"""Where the browser is and has been: the query on screen, the way back, the last query of each pane."""

from typing import NamedTuple

from tokendesk.views.query import Query, Scope
from tokendesk.views.reader import Reader, Row


class Place(NamedTuple):
    """A query, and the record that the cursor goes to, or that one comes back to."""

    query: Query
    record: str | None = None


class Navigator:
    def __init__(self, query: Query) -> None:
        self.query = query
        """What is on screen."""
        self._trail: list[Place] = []
        self._last: dict[str, Query] = {}
        self._before: Query | None = None

    def change(self, query: Query) -> None:
        """Show `query`, and remember the view that it takes the place of."""
        self._before, self.query = self.query, query

    def view_before(self) -> Query | None:
        """Return the view before this one, where it is one of the same pane."""
        return self._before if self._before is not None and self._before.pane == self.query.pane else None

    def to_pane(self, pane: str) -> Query:
        """Return what was shown last in `pane`; there is no way back to this pane but its key."""
        self._last[self.query.pane] = self.query
        self._trail.clear()
        return self._last.get(pane, Query(pane))

    def step_in(self, record: str | None) -> None:
        """Remember the row that a step into another query began at."""
        self._trail.append(Place(self.query, record))

    def back(self) -> Place | None:
        return self._trail.pop() if self._trail else None

    def start_again(self) -> None:
        self._trail.clear()


def query_inside(pane: str, row: Row) -> Place | None:
    """Return what a row of `pane` opens, and the record to come back to; None where it opens no other pane."""
    from tokendesk.filtering.format import quote

    if pane == "users":
        scope = Scope(row["name"], f"owner.id:{quote(row['account_id'])}")
        return Place(Query("tokens", scopes=(scope,)), row["account_id"])
    if pane == "policies":
        scope = Scope(row["name"], f"policy.id:{quote(row['policy_id'])}")
        return Place(Query("users", scopes=(scope,)), row["policy_id"])
    if pane == "changes":
        scope = Scope(row["label"] or "(no label)", f"id:{quote(row['record'])}")
        return Place(Query(subject_pane(row), scopes=(scope,)), row["change_id"])
    return None


def owner_query(row: Row) -> Query:
    from tokendesk.filtering.format import quote

    return Query("users", scopes=(Scope(row["owner"], f"id:{quote(row['owner_id'])}"),))


def subject_pane(row: Row) -> str:
    """The pane that the subject of a change is in."""
    return "tokens" if row["subject"] == "token" else "users"


def is_gone(reader: Reader, row: Row) -> bool:
    """Whether the subject of a change is not in the snapshot any more."""
    return reader.find(subject_pane(row), row["record"]) is None

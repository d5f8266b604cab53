"""The browser's history: the query on screen, the way back, the last query of each pane."""

from typing import NamedTuple

from tokendesk.views.query import Query, Scope
from tokendesk.views.reader import Reader, Row


class Place(NamedTuple):
    """A query, and the record under the cursor."""

    query: Query
    record: str | None = None


class Navigator:
    def __init__(self, query: Query) -> None:
        self.query = query
        """The query on screen."""
        self._trail: list[Place] = []
        self._last: dict[str, Query] = {}
        self._before: Query | None = None

    def change(self, query: Query) -> None:
        """Show `query`, and remember the view it replaces."""
        self._before, self.query = self.query, query

    def view_before(self) -> Query | None:
        """Return the previous view, if it is of the same pane."""
        return self._before if self._before is not None and self._before.pane == self.query.pane else None

    def to_pane(self, pane: str) -> Query:
        """Return the last query of `pane`, and forget the steps to go back."""
        self._last[self.query.pane] = self.query
        self._trail.clear()
        return self._last.get(pane, Query(pane))

    def step_in(self, record: str | None) -> None:
        """Remember the row from which another query is opened."""
        self._trail.append(Place(self.query, record))

    def back(self) -> Place | None:
        return self._trail.pop() if self._trail else None

    def start_again(self) -> None:
        self._trail.clear()


def query_inside(pane: str, row: Row) -> Place | None:
    """Return the query that a row of `pane` opens, and the record to return to; None if it opens none."""
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
    """Return the pane of a change's subject."""
    return "tokens" if row["subject"] == "token" else "users"


def is_gone(reader: Reader, row: Row) -> bool:
    """Return whether the subject of a change is no longer in the snapshot."""
    return reader.find(subject_pane(row), row["record"]) is None

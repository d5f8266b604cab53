"""The browser's history: the query on screen, the ways back and forward, the last query of each pane."""

from typing import NamedTuple

from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

_MOST_VIEWS = 500
"""The most views that are kept to go back to."""


class Page(NamedTuple):
    """A page over the list: the flow that opens it, and the query that it is about."""

    flow: str
    query: Query


class Place(NamedTuple):
    """A query, and the record under the cursor. `page`: lay over it, and is opened again by going back."""

    query: Query
    record: str | None = None
    page: Page | None = None


class View(NamedTuple):
    """A query that was on screen, the record that was under the cursor, the steps back from it, the page over it."""

    query: Query
    record: str | None
    way: tuple[Place, ...]
    page: Page | None = None


class Navigator:
    """Two ways lead back: the steps from row to row, which start again in each pane, and the trail of all views.

    `record`, in all methods: the record under the cursor of the view that is left.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        """The query on screen."""
        self.left: Query | None = None
        """The query that was on screen before."""
        self._way: tuple[Place, ...] = ()
        self._page: Page | None = None
        """The page over this view, where the trail led back to one."""
        self._last: dict[str, Query] = {}
        self._before: tuple[View, ...] = ()
        self._after: tuple[View, ...] = ()
        self._typed_over: tuple[View, tuple[View, ...], tuple[View, ...]] | None = None
        """The view that a filter is being typed over, and the trail before and after it."""

    def change(self, query: Query, record: str | None, *, typing: bool = False, page: Page | None = None) -> None:
        """Show `query`. The letters of a filter are one step of the trail, and none if they are taken back."""
        if typing and self._typed_over is not None:
            over, before, after = self._typed_over
            self.query = query
            if query == over.query:
                self._before, self._after, self._typed_over = before, after, None
            return
        over = View(self.query, record, self._way)
        self._typed_over = (over, self._before, self._after) if typing else None
        self._leave(record, page)
        self.left, self.query, self._page = self.query, query, None

    @property
    def is_typing(self) -> bool:
        """Whether the view on screen is being typed over another."""
        return self._typed_over is not None

    def end_typing(self) -> None:
        self._typed_over = None

    def last_of(self, pane: str) -> Query:
        return self._last.get(pane, Query(pane))

    def to_pane(self, query: Query, record: str | None) -> None:
        """Show `query` of another pane, and forget the steps to go back."""
        self._last[self.query.pane] = self.query
        self.change(query, record)
        self._way = ()

    def step_in(self, query: Query, record: str | None, page: Page | None = None) -> None:
        """Show `query`, opened from the row of `record`, or from a page."""
        here = Place(self.query, record, page)
        self.change(query, record, page=page)
        self._way = (*self._way, here)

    def back(self, record: str | None) -> Place | None:
        """Return to the row that the query was opened from."""
        if not self._way:
            return None
        *way, place = self._way
        self.change(place.query, record)
        self._way = tuple(way)
        return place

    def start_again(self) -> None:
        self._way = ()

    def view_before(self, record: str | None) -> View | None:
        """Return to the view before, of any pane."""
        if not self._before:
            return None
        self._after = (View(self.query, record, self._way, self._page), *self._after)
        *before, view = self._before
        self._before = tuple(before)
        return self._return_to(view)

    def view_after(self, record: str | None) -> View | None:
        """Return to the view from which `view_before` came."""
        if not self._after:
            return None
        self._before = (*self._before, View(self.query, record, self._way, self._page))
        view, *after = self._after
        self._after = tuple(after)
        return self._return_to(view)

    def _leave(self, record: str | None, page: Page | None) -> None:
        self._before = (*self._before[-_MOST_VIEWS:], View(self.query, record, self._way, page))
        self._after = ()

    def _return_to(self, view: View) -> View:
        self._typed_over = None
        if view.query.pane != self.query.pane:
            self._last[self.query.pane] = self.query
        self.left, self.query, self._way, self._page = self.query, view.query, view.way, view.page
        return view


def query_inside(pane: str, row: Row) -> Place | None:
    """Return the query that a row of `pane` opens, and the record to return to; None if it opens none."""
    from tokendesk.views import leads

    if pane == "users":
        return Place(leads.tokens_of_user(row["name"], row["account_id"]), row["account_id"])
    if pane == "policies":
        return Place(leads.users_of_policy(row["name"], row["policy_id"]), row["policy_id"])
    if pane == "credentials" and row["kind"] == "service-account" and row["tokens"] + row["clients"]:
        return Place(leads.credentials_of(row["name"], "account.id", row["credential_id"]), row["record"])
    if pane == "changes":
        return Place(leads.record(subject_pane(row), row["label"] or "(no label)", row["record"]), row["change_id"])
    return None


def owner_query(row: Row) -> Query:
    from tokendesk.views import leads

    return leads.record("users", row["owner"], row["owner_id"])


def subject_pane(row: Row) -> str:
    """Return the pane of a change's subject."""
    from tokendesk.views.query import PANE_OF

    return PANE_OF[row["subject"]]


def is_gone(reader: Reader, row: Row) -> bool:
    """Return whether the subject of a change is no longer in the snapshot."""
    return reader.find(subject_pane(row), row["record"]) is None

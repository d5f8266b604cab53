"""The query on screen as an immutable value: a keystroke makes the next one, going back restores the one before."""

from typing import NamedTuple

PANES = ("tokens", "users", "policies", "changes", "journal", "credentials")


PANE_OF = {"token": "tokens", "user": "users", "policy": "policies", "credential": "credentials"}
"""By what notes and changes are about: the pane with its rows."""


class Scope(NamedTuple):
    """A filter that was picked instead of typed, and its label for the title."""

    title: str
    filter: str


class Query(NamedTuple):
    pane: str
    scopes: tuple[Scope, ...] = ()
    filter: str = ""
    sort: tuple[str, ...] = ()
    """Column names, most significant first; `-` in front for descending. Empty: the pane's default order."""
    columns: tuple[str, ...] = ()
    """The columns to show, in this order. Empty: those kept for the pane, or its default columns."""
    by: tuple[str, ...] = ()
    """The columns to count by, one or two: the page of groups shows that."""

    def filters(self) -> tuple[str, ...]:
        return tuple(filter(None, (*(scope.filter for scope in self.scopes), self.filter)))

    def titles(self) -> tuple[str, ...]:
        """Return what people read for `filters`."""
        return tuple(filter(None, (*(scope.title for scope in self.scopes), self.filter)))

    def narrowed(self, text: str) -> "Query":
        return self._replace(filter=text)

    def sorted_by(self, *sort: str) -> "Query":
        return self._replace(sort=sort)

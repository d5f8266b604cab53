"""What is on screen, as one immutable value: a keystroke makes the next one, going back is the one before."""

from typing import NamedTuple

PANES = ("tokens", "users", "policies", "changes", "journal")


class Scope(NamedTuple):
    """A narrowing that was picked rather than typed: its words for the title, and its filter."""

    title: str
    filter: str


class Query(NamedTuple):
    pane: str
    scopes: tuple[Scope, ...] = ()
    filter: str = ""
    sort: tuple[str, ...] = ()
    """Column names, the first the strongest; `-` in front for descending. Empty: the pane's own order."""

    def filters(self) -> tuple[str, ...]:
        return tuple(filter(None, (*(scope.filter for scope in self.scopes), self.filter)))

    def narrowed(self, text: str) -> "Query":
        return self._replace(filter=text)

    def sorted_by(self, *sort: str) -> "Query":
        return self._replace(sort=sort)

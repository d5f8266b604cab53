"""The marked records of each pane, by Atlassian's ids: they survive filters, sorts and pulls."""

from collections.abc import Iterable


class Marks:
    def __init__(self) -> None:
        self._marked: dict[str, set[str]] = {}

    def of(self, pane: str) -> set[str]:
        return self._marked.setdefault(pane, set())

    def put(self, pane: str, records: Iterable[str], on: bool) -> None:
        if on:
            self.of(pane).update(records)
        else:
            self.of(pane).difference_update(records)

    def words(self, pane: str, shown: int) -> str:
        """Return `12 marked (3 hidden)`; empty without marks. `shown`: how many of them are in the list."""
        count = len(self.of(pane))
        hidden = count - shown
        if not count:
            return ""
        return f"{count:,} marked ({hidden:,} hidden)" if hidden else f"{count:,} marked"

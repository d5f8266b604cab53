"""What tab offers in the filter: what the language knows, and the values that occur, the most frequent first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tokendesk.filtering.fields import Field
from tokendesk.tui.store import SnapshotStore
from tokendesk.views.panes import Pane
from tokendesk.views.values import has_values, occurring_values

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion


class Completions:
    """Values are counted away from the screen; until they are there, it is what the language knows.

    `count` is called with a field of a pane whose values are to be counted.
    """

    def __init__(self, store: SnapshotStore, count: Callable[[Pane, Field], None]) -> None:
        self._store = store
        self._count = count
        self._values: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}

    def complete(self, pane: Pane, text: str, cursor: int) -> "Completion":
        from tokendesk.filtering.complete import complete

        found = complete(text, cursor, pane.fields)
        field = found.field
        if found.kind != "value" or field is None or not has_values(field):
            return found
        values = self._values.get((pane.name, field.name))
        if values is None:
            self._values[pane.name, field.name] = ()
            self._count(pane, field)
        return found.with_data(values or ())

    async def count(self, pane: Pane, field: Field) -> None:
        self._values[pane.name, field.name] = await self._store.query(
            lambda reader: occurring_values(reader, pane, field)
        )

    def forget(self) -> None:
        self._values.clear()

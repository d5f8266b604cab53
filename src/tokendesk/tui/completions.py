"""Completes the filter: the words of the language, and occurring values, most frequent first."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tokendesk.filtering.fields import Field
from tokendesk.tui.background import Background
from tokendesk.tui.store import SnapshotStore
from tokendesk.views.panes import Pane
from tokendesk.views.values import has_values, occurring_values

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion


class Completions:
    """Values are counted in the background; until then only words of the language are offered.

    `pane` returns the pane on screen; `counted` is called when values have been counted.
    """

    def __init__(
        self, store: SnapshotStore, pane: Callable[[], Pane], background: Background, counted: Callable[[], None]
    ) -> None:
        self._store = store
        self._pane = pane
        self._background = background
        self._counted = counted
        self._values: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}

    def complete(self, text: str, cursor: int) -> "Completion":
        from tokendesk.filtering.complete import complete

        pane = self._pane()
        found = complete(text, cursor, pane.fields)
        field = found.field
        if found.kind != "value" or field is None or not has_values(field):
            return found
        values = self._values.get((pane.name, field.name))
        if values is None:
            self._values[pane.name, field.name] = ()
            self._background.begin(partial(self._count, pane, field), f"values of {field.name}")
        return found.with_data(values or ())

    async def _count(self, pane: Pane, field: Field) -> None:
        self._values[pane.name, field.name] = await self._store.query(
            lambda reader: occurring_values(reader, pane, field)
        )
        self._counted()

    def forget(self) -> None:
        self._values.clear()

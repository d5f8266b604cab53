"""The keys that show, hide and walk through the parts of the screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.scope_pane import ScopePane

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object


class Arranging(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    def _parts(self) -> Sequence[ScopePane | RecordList | DetailsPane]:
        parts = (self.query_one(ScopePane), self.rows, self.query_one(DetailsPane))
        return [part for part in parts if part.display and part.region.width > 0]

    def action_next_part(self, step: int = 1) -> None:
        parts = self._parts()
        at = next((i for i, part in enumerate(parts) if part.has_focus), 0)
        if parts:
            parts[(at + step) % len(parts)].focus()

    def action_previous_part(self) -> None:
        self.action_next_part(-1)

    def action_toggle_scope(self) -> None:
        if self.has_class("-wide"):
            self.toggle_class("hide-scope")
            if self.has_class("hide-scope"):
                self.rows.focus()
        elif self.toggle_class("show-scope").has_class("show-scope"):
            self.query_one(ScopePane).focus()
        else:
            self.rows.focus()

    def action_details(self) -> None:
        if self.has_class("-narrow"):
            self.toggle_class("show-details")
            (self.query_one(DetailsPane) if self.has_class("show-details") else self.rows).focus()
        else:
            self.toggle_class("hide-details")
            self.rows.focus()

    def action_page(self, step: int) -> None:
        details = self.query_one(DetailsPane)
        if not details.region.width:
            self.notify("[ and ] turn the pages of the details; d shows them.", severity="warning", markup=False)
        elif not details.turn(step):
            self.notify("There is only this page.")

    def action_zoom(self) -> None:
        self.toggle_class("zoomed")
        self.rows.focus()

"""The keys that show, hide and walk through the parts of the screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokendesk.tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.tui.widgets.details import DetailsPane
    from tokendesk.tui.widgets.scope_pane import ScopePane
else:
    _Base = object


class Arranging(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    scope_pane: "ScopePane | None"
    details_pane: "DetailsPane | None"

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    def _parts(self) -> "Sequence[ScopePane | RecordList | DetailsPane]":
        parts = (self.scope_pane, self.rows, self.details_pane)
        return [part for part in parts if part is not None and part.display and part.region.width > 0]

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
            (self.scope_pane or self.rows).focus()
        else:
            self.rows.focus()

    def action_details(self) -> None:
        if self.has_class("-narrow"):
            self.toggle_class("show-details")
            (self.details_pane if self.details_pane and self.has_class("show-details") else self.rows).focus()
        else:
            self.toggle_class("hide-details")
            self.rows.focus()

    def action_page(self, step: int) -> None:
        details = self.details_pane
        if details is None or not details.region.width:
            self.notify("[ and ] turn the pages of the details; d shows them.", severity="warning")
        elif not details.turn(step):
            self.notify("There is only this page.")

    def action_zoom(self) -> None:
        self.toggle_class("zoomed")
        self.rows.focus()

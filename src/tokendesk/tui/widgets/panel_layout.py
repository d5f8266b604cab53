"""Lays out scope pane, list and details, and decides which are shown and focused."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from tokendesk.tui.widgets.panel import Panel
from tokendesk.tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from tokendesk.tui.widgets.details import DetailsPane
    from tokendesk.tui.widgets.find_line import FindLine
    from tokendesk.tui.widgets.scope_pane import ScopePane
    from tokendesk.views.facts import Details


class PanelLayout(Horizontal):
    """The screen's CSS classes show or hide panels, depending on its width."""

    scope: "ScopePane"
    details: "DetailsPane"
    """Both are mounted after the first frame, before any key; their panels exist from the start."""
    find_line: "FindLine | None" = None
    """Mounted when it is used first."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.rows = RecordList(id="list")
        self.rows.is_beside_details = lambda: self.details_panel.display and self.screen.has_class("-full")
        self.scope_panel, self.details_panel = Panel("Scope", id="scope"), Panel("Details", id="details")

    def compose(self) -> ComposeResult:
        yield self.scope_panel
        self.rows.set_reactive(RecordList.has_focus, True)  # before styling, so that it is styled only once
        yield self.rows
        yield self.details_panel

    async def mount_panes(self) -> None:
        """Mount the scope pane and the details after the first frame."""
        from tokendesk.tui.widgets.details import DetailsPane
        from tokendesk.tui.widgets.scope_pane import ScopePane

        self.scope, self.details = ScopePane(), DetailsPane()
        await self.scope_panel.mount(self.scope)
        await self.details_panel.mount(self.details)

    def on_resize(self) -> None:
        self.rows.refresh()  # at the same width as well: its columns depend on the details beside it

    @property
    def shows_details(self) -> bool:
        """Whether the details pane exists and has room."""
        return self.details_panel.region.width > 0 and bool(self.details_panel.children)

    @property
    def is_in_details(self) -> bool:
        return bool(self.details_panel.children) and self.details.has_focus

    def show_in_details(self, details: "Details | None") -> None:
        self.details_panel.border_title = Content(details.title) if details is not None else "Details"
        self.details.show(details)
        self._say_found()

    def open_details(self) -> None:
        """Focus the details; on a narrow screen they replace the list."""
        self._show_details()
        self.details.focus()

    def _show_details(self) -> None:
        self.screen.add_class("show-details")
        self.screen.remove_class("hide-details", "zoomed", "show-scope")

    async def action_find(self) -> None:
        """Find a text in the details, which are shown for it."""
        from tokendesk.tui.widgets.find_line import FindLine

        before = self.screen.focused
        self._show_details()  # and keep them shown if the terminal becomes narrower
        if self.find_line is None:
            self.find_line = FindLine()
            await self.details_panel.mount(self.find_line)
        self.find_line.begin(before)

    def on_find_line_edited(self, event: "FindLine.Edited") -> None:
        event.stop()
        self.details.find(event.text)
        self._say_found()

    def on_find_line_stepped(self, event: "FindLine.Stepped") -> None:
        event.stop()
        self.details.find_next(event.step)
        self._say_found()

    def on_find_line_ended(self, event: "FindLine.Ended") -> None:
        event.stop()
        before = self.find_line.end() if self.find_line is not None else None
        self.details.find("")
        if before is not None:
            (before if before.region.width > 0 else self.details).focus()

    def _say_found(self) -> None:
        if self.find_line is not None:
            self.find_line.say(self.details.found)

    def back_to_list(self) -> bool:
        """Return to the list; False if it already has the focus."""
        covered = self.screen.has_class("show-details") and not self.screen.has_class("-full")
        left = covered or self.screen.has_class("show-scope") or not self.rows.has_focus
        self.screen.remove_class("show-details", "show-scope")
        self.rows.focus()
        return left

    def leave_details(self) -> None:
        self.screen.remove_class("show-details")

    def _shown(self) -> Sequence[Widget]:
        panels = (self.scope, self.rows, self.details)
        return [panel for panel in panels if panel.display and panel.region.width > 0]

    def action_next_part(self, step: int = 1) -> None:
        shown = self._shown()
        at = next((place for place, panel in enumerate(shown) if panel.has_focus), 0)
        if shown:
            shown[(at + step) % len(shown)].focus()

    def action_previous_part(self) -> None:
        self.action_next_part(-1)

    def action_toggle_scope(self) -> None:
        screen = self.screen
        if screen.has_class("-wide") or screen.has_class("-full"):
            screen.toggle_class("hide-scope")
            if screen.has_class("hide-scope"):
                self.rows.focus()
        elif screen.toggle_class("show-scope").has_class("show-scope"):
            self.scope.focus()
        else:
            self.rows.focus()

    def action_toggle_details(self) -> None:
        screen = self.screen
        if screen.has_class("-full"):
            screen.toggle_class("hide-details")
            self.rows.focus()
        else:
            screen.toggle_class("show-details")
            screen.remove_class("hide-details")
            on_its_own = screen.has_class("-narrow") and screen.has_class("show-details")
            (self.details if on_its_own else self.rows).focus()

    def action_page(self, step: int) -> None:
        if not self.shows_details:
            self.notify("[ and ] turn the pages of the details; d shows them.", severity="warning")
        elif not self.details.turn(step):
            self.notify("There are no other pages.")

    def action_zoom(self) -> None:
        self.screen.toggle_class("zoomed")
        self.screen.remove_class("show-details", "show-scope")
        self.rows.focus()

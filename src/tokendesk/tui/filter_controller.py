"""Applies the filter while it is typed, remembers it, and shows its completions."""

from typing import TYPE_CHECKING

from tokendesk.tui.browser_view import BrowserView
from tokendesk.tui.context import AppContext
from tokendesk.tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from tokendesk.tui.widgets.filter_input import FilterInput


class FilterController:
    def __init__(self, ctx: AppContext, view: BrowserView) -> None:
        self._ctx = ctx
        self._view = view

    def edit(self) -> None:
        self._view.filter_bar.edit(self._ctx.ui_state.history(self._view.query.pane))

    def narrow(self, event: FilterBar.Edited) -> None:
        if event.text == self._view.filter_bar.text:  # else a newer event follows
            self._view.set_filter(event.text)

    def keep(self) -> None:
        """Leave the line if the filter parses, and remember the filter for later sessions."""
        from tokendesk.filtering.errors import FilterError
        from tokendesk.filtering.parse import parse

        view, query = self._view, self._view.query
        try:
            parse(query.filter, self._ctx.store.ui_reader.panes[query.pane].fields)
        except FilterError as error:
            view.status.say_wrong(str(error), wrong=True)
            return
        if query.filter.strip():
            self._ctx.ui_state.remember(query.pane, query.filter.strip())
        view.rows.focus()

    def offer(self, event: "FilterInput.Offered") -> None:
        from tokendesk.tui.widgets.filter_input import describe_completion

        self._view.status.offer(describe_completion(event.offer) if event.offer else None)

    def end_offer(self) -> None:
        self._view.status.offer(None)
        self._view.loader.catch_up()
        if not self._view.filter_bar.is_typing:
            self._view.navigator.end_typing()

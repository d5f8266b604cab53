"""Runs the flow of an action, and shows its outcome."""

import sqlite3
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from tokendesk.errors import TokendeskError
from tokendesk.tui.actions import BY_ID
from tokendesk.tui.app_ui import AppUi
from tokendesk.tui.availability import unavailable
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.browser_view import BrowserView
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import failure
from tokendesk.tui.navigation import Page
from tokendesk.tui.selection import Selection
from tokendesk.tui.widgets.lines import TextLine

if TYPE_CHECKING:
    from textual.app import App

    from tokendesk.tui.flows.base import Flow

_PULL = "pull"


class FlowRunner:
    """The only place where TokendeskError becomes a notice."""

    def __init__(self, ctx: AppContext, screen: PageScreen[None], view: BrowserView) -> None:
        self._ctx = ctx
        self._screen = screen
        self._view = view
        self._ui = AppUi(cast("App[int]", screen.app), lambda: screen.query_one("#activity", TextLine), view.read_again)
        view.open_page = self.open_page
        self._opening: set[str] = set()
        """The flows whose dialogs are open or opening."""

    async def run_action(self, action_id: str) -> None:
        """Run the flow of an action. One that opens nothing ends before the next key is handled."""
        action, screen = BY_ID[action_id], self._screen
        if reason := unavailable(action, self._view.state()):
            screen.notify(reason, severity="warning", timeout=10)
        elif action.background and self.is_pulling:
            screen.notify("A pull is already running. C cancels it; you can keep browsing.")
        elif action.background:
            self.start_pull(action.flow, action.id)
        elif not action.opens:
            await self.run(action.flow, self._view.selection())
        else:
            self.open(action.flow, self._view.selection())

    def open(self, name: str, selection: Selection) -> None:
        """Run a flow that opens a dialog or page, unless one is open or opening."""
        if not self._opening:
            self._opening.add(name)
            self._screen.run_worker(self.run(name, selection, opening=name))

    def open_page(self, page: Page) -> None:
        self.open(page.flow, replace(self._view.selection(), query=page.query))

    def start_pull(self, flow: str, action_id: str) -> None:
        """Start a pull in the background; none may be running. `action_id`: what C cancels."""
        self._screen.run_worker(self.run(flow, self._view.selection()), name=action_id, group=_PULL)

    async def run(self, name: str, selection: Selection, *, opening: str = "") -> None:
        """Run the flow `module:function` and show its outcome."""
        module, _, function = name.partition(":")
        flow: Flow = getattr(import_module(f"tokendesk.tui.flows.{module}"), function)
        try:
            try:
                outcome = await flow(self._ctx, self._ui, selection)
            finally:
                self._opening.discard(opening)
            await self._view.apply(outcome)
            if outcome.notice is not None:
                self._ui.notify(outcome.notice)
            if outcome.next_action:
                await self.run_action(outcome.next_action)
        except (TokendeskError, sqlite3.Error) as error:
            self._ui.notify(failure(error))
        if opening and not self._is_reading:
            self._view.loader.resume_reading()

    @property
    def is_opening(self) -> bool:
        """Whether a dialog or page is open or opening."""
        return bool(self._opening)

    @property
    def is_pulling(self) -> bool:
        return self._is_running(_PULL)

    @property
    def _is_reading(self) -> bool:
        """Whether rows are being read, or files reopened, which reads the rows then."""
        return self._is_running("rows") or self._is_running("files")

    def _is_running(self, group: str) -> bool:
        screen = self._screen
        return any(w.group == group and w.node is screen and not w.is_finished for w in screen.workers)

    def cancel_pull(self) -> None:
        if not self.is_pulling or not self._ui.is_active:
            self._screen.notify("No pull is running.")
            return
        (pull,) = self._screen.workers.cancel_group(self._screen, _PULL)
        after = {
            "pull.start": "The next one continues where it can.",
            "pull.tokens": "The snapshot is unchanged.",
        }.get(pull.name, "What was read is kept.")
        self._screen.notify(f"The pull was cancelled. {after}")

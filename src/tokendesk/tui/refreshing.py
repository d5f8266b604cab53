"""Pulls by itself while the screens are open: tokens every so often, everything once a day."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendesk.snapshot.file import SnapshotInfo

if TYPE_CHECKING:
    from tokendesk.tui.screens.main import MainScreen

SECONDS = 60.0
"""How often it is checked whether a pull is due."""
_FULL = timedelta(days=1)
_FLOWS = {"pull.start": "pull:refresh", "pull.tokens": "pull:refresh_tokens"}


class Refresher:
    """`every`: the time between two pulls, also after one that failed."""

    def __init__(self, screen: "MainScreen", every: timedelta) -> None:
        self._screen = screen
        self._every = every.total_seconds()
        self._tried = 0
        self._last = ""

    def check(self) -> None:
        """Pull if that is due and nobody is busy. The key is loaded already, so no key command asks anything."""
        ctx = self._screen.ctx
        info, now = ctx.store.ui_reader.info, ctx.now()
        if info is None or ctx.connection.access is None or self._is_busy():
            return
        action = due(info, self._tried, now, self._every)
        if action and action == self._last and info.tokens_at < self._tried:
            action = next(each for each in _FLOWS if each != action)  # it failed: the other one may work
        if action:
            self._tried, self._last = now, action
            self._screen.flows.start_pull(_FLOWS[action], action)

    def _is_busy(self) -> bool:
        """Return whether a dialog, a review or a run is open, a filter is being typed, or a pull or search is on."""
        screen = self._screen
        recovers = any(worker.group == "recover" and not worker.is_finished for worker in screen.workers)
        opens = screen.flows.is_opening or not screen.is_current
        return opens or recovers or screen.flows.is_pulling or screen.view.filter_bar.is_typing


def due(info: SnapshotInfo, tried: int, now: int, every: float) -> str:
    """Return the action that is due, or an empty text. `tried`: the time of the last attempt; all in epoch seconds.

    A time in the future is of a clock that was wrong: it says nothing of the age.
    """
    if any(0 <= now - at < every for at in (info.tokens_at, tried)):
        return ""
    is_old = not 0 <= now - info.oldest_at < _FULL.total_seconds()
    return "pull.start" if info.only_owners or is_old else "pull.tokens"

"""Gives the focus back when a terminal that was too small is large enough again.

A screen that is too small hides its widgets, and Textual takes the focus from a widget that is hidden.
"""

from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget


class FocusKeeper:
    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._focused: WeakKeyDictionary[Screen[Any], Widget] = WeakKeyDictionary()

    def follow_resize(self) -> None:
        """Call for each resize, before the screens are laid out anew."""
        for screen in self._app.screen_stack:
            if screen.focused is not None:
                self._focused[screen] = screen.focused
            screen.call_after_refresh(self._give_back, screen)

    def _give_back(self, screen: Screen[Any]) -> None:
        before = self._focused.get(screen)
        if screen.focused is None and before is not None and before.is_attached and before.focusable:
            screen.set_focus(before)

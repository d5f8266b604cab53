"""Implements the flows' `Ui` with Textual."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.app import App
from textual.screen import Screen

from tokendesk.tui.activity import LineActivity
from tokendesk.tui.flows.base import Notice, Refresh
from tokendesk.tui.widgets.lines import TextLine

Answer = TypeVar("Answer")


class AppUi:
    """`activity_line` returns the line under the list; `refresh` makes the main screen read again."""

    def __init__(
        self, app: App[int], activity_line: Callable[[], TextLine], refresh: Callable[[Refresh], Awaitable[None]]
    ) -> None:
        self._app = app
        self._activity_line = activity_line
        self._refresh = refresh
        self._activity: LineActivity | None = None

    async def refresh(self, what: Refresh) -> None:
        await self._refresh(what)

    async def ask(self, dialog: Screen[Answer]) -> Answer | None:
        return await self._app.push_screen_wait(dialog)

    def notify(self, notice: Notice) -> None:
        self._app.notify(notice.text, title=notice.title, severity=notice.severity, timeout=notice.seconds)

    def activity(self, title: str, keys: str = "") -> LineActivity:
        self._activity = LineActivity(self._activity_line(), title, keys)
        return self._activity

    @property
    def is_active(self) -> bool:
        """Whether the latest activity has not ended."""
        return self._activity is not None and not self._activity.has_ended

    async def copy(self, text: str) -> str:
        from tokendesk.tui.clipboard import copy

        return await copy(self._app, text)

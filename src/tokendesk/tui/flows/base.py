"""The types a flow works with: context, `Ui` port, selection, outcome.

A flow is one user action: `async def move(ctx, ui, selection) -> Outcome`. It asks through `Ui`, raises
TokendeskError when it refuses, and keeps no state.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from textual.screen import Screen

from tokendesk.errors import TokendeskError
from tokendesk.tui.context import AppContext
from tokendesk.tui.navigation import Place
from tokendesk.tui.selection import Selection
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from tokendesk.snapshot.progress import Progress

Answer = TypeVar("Answer")


class Notice(NamedTuple):
    text: str
    severity: "SeverityLevel" = "information"
    title: str = ""
    seconds: float | None = None


def warning(text: str, title: str = "", seconds: float | None = None) -> Notice:
    return Notice(text, "warning", title, seconds)


def failure(error: TokendeskError | sqlite3.Error) -> Notice:
    words = f"The files cannot be read: {error}" if isinstance(error, sqlite3.Error) else str(error)
    return Notice(words, "error", seconds=10)


class Refresh(Enum):
    """What to read again: nothing, the marks, the desk's additions to the rows, or all files."""

    NONE = 0
    DESK = 1
    FILES = 2
    MARKS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the screen shows after a flow, in this order."""

    refresh: Refresh = Refresh.NONE
    query: Query | None = None
    """The next query of the same pane."""
    step: Place | None = None
    """A step into another query, with the record to return to."""
    pane: str = ""
    """The pane to go to."""
    cursor: str | None = None
    """The record to put the cursor on."""
    notice: Notice | None = None
    next_action: str = ""
    """The id of an action to run after it."""


NOTHING = Outcome()


def refused(text: str) -> Outcome:
    return Outcome(notice=warning(text))


class Activity(Protocol):
    """A line that shows background work until it ends."""

    def say(self, words: str) -> None: ...
    def progress(self, progress: "Progress") -> None: ...
    def waiting(self, why: str, seconds: float) -> None: ...
    def end(self) -> None: ...


class Ui(Protocol):
    """The only access of a flow to the screens."""

    async def ask(self, dialog: Screen[Answer]) -> Answer | None:
        """Show a dialog or page, and return its result."""

    def notify(self, notice: Notice) -> None: ...

    async def refresh(self, what: Refresh) -> None:
        """Make the main screen read again before the flow ends."""

    def activity(self, title: str, keys: str = "") -> Activity:
        """Show `title: progress` under the list until the work ends."""

    async def copy(self, text: str) -> str:
        """Copy `text` to the clipboard; return how."""


Flow = Callable[[AppContext, Ui, Selection], Awaitable[Outcome]]

"""What a flow is given and what it gives back.

A flow is one thing that a person does: `async def move(ctx, ui, selection) -> Outcome`. It asks through `Ui`, raises
TokendeskError where something is refused, and keeps nothing between two runs.
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

    from tokendesk.snapshot.pull import Progress

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
    """What has to be read again: nothing, what the desk adds to the rows, or all files."""

    NONE = 0
    DESK = 1
    FILES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the screen shows of a flow that ended, in this order."""

    refresh: Refresh = Refresh.NONE
    query: Query | None = None
    """The next query of the same pane."""
    step: Place | None = None
    """A step into another query; its record is the row to come back to."""
    cursor: str | None = None
    """The record that the cursor goes to."""
    notice: Notice | None = None


NOTHING = Outcome()


def refused(text: str) -> Outcome:
    return Outcome(notice=warning(text))


class Activity(Protocol):
    """One line that says what goes on, until it ends."""

    def say(self, words: str) -> None: ...
    def progress(self, progress: "Progress") -> None: ...
    def waiting(self, why: str, seconds: float) -> None: ...
    def end(self) -> None: ...


class Ui(Protocol):
    """The only way from a flow to the screens."""

    async def ask(self, dialog: Screen[Answer]) -> Answer | None:
        """Show a dialog or page, and return what it is left with."""

    def notify(self, notice: Notice) -> None: ...

    async def refresh(self, what: Refresh) -> None:
        """Have the main screen read again, where a flow goes on."""

    def activity(self, title: str, keys: str = "") -> Activity:
        """Show `title: what goes on` under the list until it ends."""

    async def copy(self, text: str) -> str:
        """Put `text` on the clipboard; return by which way."""


Flow = Callable[[AppContext, Ui, Selection], Awaitable[Outcome]]

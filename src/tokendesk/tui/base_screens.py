"""Base classes of pages and dialogs: dismissed once, and their workers end before their widgets.

Textual's `dismiss` pops the screen on top each time it is called, and it cancels the workers of a screen only after
the widgets they update are gone.
"""

from collections.abc import Collection
from typing import TypeVar

from textual import screen
from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.messages import Prune

Result = TypeVar("Result")


class Reloaded(Message):
    """Snapshot and desk were read again: what a page has counted may no longer be right."""


class PageScreen(screen.Screen[Result]):
    is_leaving = False
    """Whether it is being removed, and can show nothing more."""

    DROPS_EARLY_KEYS = False
    """Whether keys pressed before its first frame are dropped."""

    def groups_before(self, key: str) -> Collection[str]:  # noqa: ARG002 - some screens depend on the key
        """Return the worker groups that must end before `key` is handled: those started by keys."""
        return ("default",)

    async def on_prune(self, _: Prune) -> None:
        self.is_leaving = True
        self.workers.cancel_node(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable actions until the widgets are mounted."""
        return super().check_action(action, parameters) if self.is_mounted else False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if is_left_now(self) else AwaitComplete()


class Dialog(PageScreen[Result]):
    """A page in front of another, which stays in sight."""

    @property
    def is_modal(self) -> bool:
        return True


def is_left_now(leaving: "screen.Screen[Result]") -> bool:
    """Return False if the screen was dismissed already, as by a key that is held down.

    Screens above it are dismissed without a result: a run refused while help is open must not dismiss the help instead.
    """
    if leaving not in leaving.app.screen_stack:
        return False
    while (above := leaving.app.screen) is not leaving:
        above.dismiss()
    return True

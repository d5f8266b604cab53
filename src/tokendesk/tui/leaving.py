"""Screens that are left once, and that end their work before they are taken down.

Textual's `dismiss` takes away whatever lies on top, however often it is asked. It cancels the workers of a screen when
the widgets are gone that they show things in.
"""

from collections.abc import Collection
from typing import TypeVar

from textual import screen
from textual.await_complete import AwaitComplete
from textual.messages import Prune

Result = TypeVar("Result")


class Screen(screen.Screen[Result]):
    is_leaving = False
    """Whether it is being taken down: there is nobody to show anything to."""

    DROPS_EARLY_KEYS = False
    """Whether it takes no key that was pressed before it could be seen."""

    def groups_before(self, key: str) -> Collection[str]:  # noqa: ARG002 - some screens tell keys apart
        """Return the groups of workers that end before `key` is taken: those that keys begin."""
        return ("default",)

    async def on_prune(self, _: Prune) -> None:
        self.is_leaving = True
        self.workers.cancel_node(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take no key before the widgets are there that it acts on."""
        return super().check_action(action, parameters) if self.is_mounted else False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if is_left_now(self) else AwaitComplete()


class ModalScreen(screen.ModalScreen[Result]):
    DROPS_EARLY_KEYS = False

    def groups_before(self, key: str) -> Collection[str]:  # noqa: ARG002
        return ("default",)

    async def on_prune(self, _: Prune) -> None:
        self.workers.cancel_node(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take no key before the widgets are there that it acts on."""
        return super().check_action(action, parameters) if self.is_mounted else False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if is_left_now(self) else AwaitComplete()


def is_left_now(leaving: "screen.Screen[Result]") -> bool:
    """Return False where a screen was left already: a key that is held down asks twice before it is gone.

    What lies above it is left without an answer: a run that is refused while help is open must not close the help.
    """
    if leaving not in leaving.app.screen_stack:
        return False
    while (above := leaving.app.screen) is not leaving:
        above.dismiss()
    return True

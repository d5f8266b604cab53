"""Screens that are left once: Textual's `dismiss` takes away whatever lies on top, however often it is asked."""

from typing import TypeVar

from textual import screen
from textual.await_complete import AwaitComplete

Result = TypeVar("Result")


class Screen(screen.Screen[Result]):
    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if _is_left_now(self) else AwaitComplete()


class ModalScreen(screen.ModalScreen[Result]):
    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if _is_left_now(self) else AwaitComplete()


def _is_left_now(leaving: "screen.Screen[Result]") -> bool:
    """Return False where a screen was left already: a key that is held down asks twice before it is gone.

    What lies above it is left without an answer: a run that is refused while help is open must not close the help.
    """
    if leaving not in leaving.app.screen_stack:
        return False
    while (above := leaving.app.screen) is not leaving:
        above.dismiss()
    return True

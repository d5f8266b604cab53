"""The list of commands: Textual's own, which is left once."""

from collections.abc import Collection

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.messages import Prune

from tokendesk.tui.leaving import is_left_now


class Palette(CommandPalette):
    """Two Enters in one burst choose twice: the second would take away what lies underneath."""

    DROPS_EARLY_KEYS = False

    def groups_before(self, key: str) -> Collection[str]:
        """What is chosen is one of those that fit all letters."""
        return (self._GATHER_COMMANDS_GROUP,) if key in ("enter", "up", "down") else ()

    async def on_prune(self, _: Prune) -> None:
        self.workers.cancel_node(self)

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if is_left_now(self) else AwaitComplete()

"""Textual's command palette, dismissed only once."""

from collections.abc import Collection

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.messages import Prune

from tokendesk.tui.base_screens import is_left_now


class Palette(CommandPalette):
    """Two Enters in one burst would choose twice, and the second dismiss the screen below."""

    DROPS_EARLY_KEYS = False

    def groups_before(self, key: str) -> Collection[str]:
        """Wait for the matches of all letters before choosing one."""
        return (self._GATHER_COMMANDS_GROUP,) if key in ("enter", "up", "down") else ()

    async def on_prune(self, _: Prune) -> None:
        self.workers.cancel_node(self)

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if is_left_now(self) else AwaitComplete()

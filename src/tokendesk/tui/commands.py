"""The command palette: everything a key does, by its name."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tokendesk.tui.keys import KEYS, Key

_LEFT_OUT = ("commands", "filter.edit")


class PaneCommands(Provider):
    """Offers the actions of the key table that make sense without a key."""

    def _commands(self) -> Iterator[tuple[Key, Any]]:
        place = getattr(self.screen, "PLACE", "screen")
        for key in KEYS:
            if place in key.places and key.id not in _LEFT_OUT:
                yield key, partial(self.screen.run_action, key.action)

    async def discover(self) -> Hits:
        for key, run in self._commands():
            yield DiscoveryHit(f"{key.title}  ({key.shown_keys})", run, help=key.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key, run in self._commands():
            score = matcher.match(key.title)
            if score > 0:
                yield Hit(score, matcher.highlight(key.title), run, help=f"{key.help} ({key.shown_keys})")

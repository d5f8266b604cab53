"""The command palette: everything a key does, by its name, and the themes."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tokendesk.model.text import clean
from tokendesk.tui.extras import extras
from tokendesk.tui.themes import LOOKS

if TYPE_CHECKING:
    from tokendesk.tui.app import TokendeskApp
    from tokendesk.tui.screens.main import MainScreen

_LEFT_OUT = ("commands", "filter.edit")


class _Command(NamedTuple):
    title: str
    keys: str
    help: str
    run: Callable[[], Any]


class PaneCommands(Provider):
    """Offers the actions of the key table that make sense without a key."""

    def _commands(self) -> Iterator[_Command]:
        place = getattr(self.screen, "PLACE", "screen")
        app: TokendeskApp = self.app  # type: ignore[assignment]
        for key in app.key_table:
            if place in key.places and key.id not in _LEFT_OUT:
                yield _Command(key.title, key.shown_keys, key.help, partial(self.screen.run_action, key.action))
        if place == "screen":
            for extra in extras(self.screen):  # type: ignore[arg-type]
                yield _Command(extra.title, "", extra.help, extra.run)
            screen: MainScreen = self.screen  # type: ignore[assignment]
            for name, text in app.habits.saved(screen.query_shown.pane).items():
                yield _Command(f"Saved filter: {clean(name)}", "", clean(text), partial(screen.set_filter, text))
        for look in LOOKS:
            yield _Command(f"Theme: {look.name}", "", look.help, partial(app.choose_look, look))

    async def discover(self) -> Hits:
        for command in self._commands():
            keys = f"  ({command.keys})" if command.keys else ""
            yield DiscoveryHit(f"{command.title}{keys}", command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.title)
            if score > 0:
                keys = f" ({command.keys})" if command.keys else ""
                yield Hit(score, matcher.highlight(command.title), command.run, help=f"{command.help}{keys}")

"""Provides the command palette with actions, saved views and themes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from tokendesk.model.text import printable
from tokendesk.tui.actions import Action
from tokendesk.tui.saved_views import describe_view
from tokendesk.tui.selection import Selection
from tokendesk.tui.themes import LOOKS
from tokendesk.views.query import PANES, Query

if TYPE_CHECKING:
    from tokendesk.tui.app import TokendeskApp
    from tokendesk.tui.screens.main import MainScreen

_LEFT_OUT = ("commands", "filter.edit")
_ENOUGH = 3
"""Letters of a pane's name that are enough to mean it."""
_IN_FULL = 100.0
"""The score of an exact command, above all fuzzy matches."""


class _Command(NamedTuple):
    title: str
    keys: str
    help: str
    run: Callable[[], Any]


class PaneCommands(Provider):
    """Finds the actions of the screen that the palette was opened on."""

    @property
    def _app(self) -> "TokendeskApp":
        return cast("TokendeskApp", self.app)

    @property
    def _main(self) -> "MainScreen | None":
        """The main screen, if the palette was opened on it."""
        return cast("MainScreen", self.screen) if self._place == "screen" else None

    @property
    def _place(self) -> str:
        return getattr(self.screen, "PLACE", "")

    def _commands(self) -> Iterator[_Command]:
        for action in self._app.actions:
            if self._place in action.contexts and action.id not in _LEFT_OUT:
                yield self._of(action)
        if (screen := self._main) is not None:
            for view in self._app.ui_state.views():
                about = describe_view(view.query)
                yield _Command(f"View: {printable(view.name)}", "", about, partial(self._show, view.query))
            yield from self._sorts(screen)
        for look in LOOKS:
            yield _Command(f"Theme: {look.name}", "", look.help, partial(self._app.choose_look, look))

    def _sorts(self, screen: "MainScreen") -> Iterator[_Command]:
        """Yield a command to sort by each column, shown or not."""
        for column in screen.view.pane.columns:
            if column.kind != "findings":
                yield _Command(f"Sort by {column.title}", "", "again to reverse", partial(self._sort, column.name))

    async def _show(self, query: Query) -> None:
        if (screen := self._main) is not None and query.by:
            screen.flows.open("groups:group", Selection(query))
        elif screen is not None:
            await screen.view.show_view(query)

    async def _sort(self, column: str) -> None:
        if (screen := self._main) is not None:
            await screen.flows.run("edit_query:sort", replace(screen.view.selection(), column=column))

    def _of(self, action: Action) -> _Command:
        run = partial(self.screen.run_action, action.textual_action(self._place))
        return _Command(action.title, action.shown_keys, action.help, run)

    async def discover(self) -> Hits:
        for command in self._commands():
            keys = f"  ({command.keys})" if command.keys else ""
            yield DiscoveryHit(escape(f"{command.title}{keys}"), command.run, help=escape(command.help))

    def _typed(self, text: str) -> Iterator[_Command]:
        """Yield what `text` means exactly: `filter idle:90d..`, `pol default`, the key `q`."""
        for action in self._app.actions:
            if self._place in action.contexts and action.id not in _LEFT_OUT and text in action.keys.split(","):
                yield self._of(action)
        verb, _, rest = text.partition(" ")
        screen, rest = self._main, rest.strip()
        if screen is None or not rest:
            return
        if verb == "filter":
            yield _Command(f"Filter: {rest}", "", "show only the matching rows", partial(screen.set_filter, rest))
        for pane in PANES:
            if len(verb) >= _ENOUGH and pane.startswith(verb.casefold()):
                yield _Command(
                    f"{pane.title()}: {rest}", "", "that pane, filtered", partial(screen.view.show_pane, pane, rest)
                )

    async def search(self, query: str) -> Hits:
        query = query.strip().removeprefix(":")
        given = set()
        for command in self._typed(query):
            given.add(command.title)
            keys = f" ({command.keys})" if command.keys else ""
            yield Hit(_IN_FULL, Content(command.title), command.run, help=escape(f"{command.help}{keys}"))
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.title)
            if score > 0 and command.title not in given:
                keys = f" ({command.keys})" if command.keys else ""
                yield Hit(score, matcher.highlight(command.title), command.run, help=escape(f"{command.help}{keys}"))

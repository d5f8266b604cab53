"""The application and what all screens share."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import events
from textual.dom import DOMNode

from tokendesk.config import Settings
from tokendesk.model.text import printable, printable_lines
from tokendesk.tui.actions import BY_ID, OPENING
from tokendesk.tui.connection import Connection, Offline, Online
from tokendesk.tui.context import AppContext, Clock
from tokendesk.tui.desk_writer import DeskWriter
from tokendesk.tui.edge import GuardedApp
from tokendesk.tui.focus_keeper import FocusKeeper
from tokendesk.tui.keymap import remapped
from tokendesk.tui.marks import Marks
from tokendesk.tui.paging import is_paging_unseen
from tokendesk.tui.screens.main import MainScreen
from tokendesk.tui.searching import SearchControl
from tokendesk.tui.stopping import leave_by_signal
from tokendesk.tui.store import SnapshotStore
from tokendesk.tui.themes import DARK, LIGHT, LOOKS, Look, apply_look, find_look, look_named
from tokendesk.tui.ui_state import UiState
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.command import Provider
    from textual.notifications import SeverityLevel

    from tokendesk.running.access import ApiAccess
    from tokendesk.tui.screens.run import RunScreen


LOOK_EVERY = 5.0
"""Seconds between checks that the terminal still exists."""


def _pane_commands() -> "type[Provider]":
    from tokendesk.tui.commands import PaneCommands

    return PaneCommands


class TokendeskApp(GuardedApp[int]):
    """`access` connects to the organization; without it the snapshot can be browsed, but nothing pulled.

    `connect` returns the access, or why there is none; it may be slow. `reader`: a connection that is already open.
    `clock` returns epoch seconds; screenshots freeze it. `sleep` waits between the polls of a run,
    `moment` returns the time of its entries.
    """

    TITLE = "tokendesk"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = {_pane_commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (90, "-medium"), (120, "-wide"), (140, "-full")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (14, "-tall"), (40, "-roomy")]
    _has_look = False

    def __init__(
        self,
        settings: Settings,
        access: "ApiAccess | None" = None,
        *,
        offline_reason: str = "",
        connect: Callable[[], Offline | Online] | None = None,
        clock: Callable[[], int] = lambda: int(time.time()),
        pull_at_start: bool = False,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        moment: Callable[[], datetime] = lambda: datetime.now(UTC),
        reader: Reader | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.connection = Connection(Online(access) if access is not None else Offline(offline_reason), connect)
        self.clock = Clock(clock, moment, sleep)
        self.pull_at_start = pull_at_start
        self._reader = reader
        self.ui_state = UiState(settings.paths.ui)
        self.recovery = SearchControl()
        self.actions = remapped(settings.keys)
        self.set_keymap({action.id: action.keys for action in self.actions if action.keys != BY_ID[action.id].keys})
        for action in self.actions:
            if action.keys and not BY_ID[action.id].keys:  # the keymap changes keys, but adds none
                self.bind(action.keys, f"screen.{action.textual_action('screen')}", show=False)
        for look in LOOKS:
            self.register_theme(look.theme)
        self._focus_keeper = FocusKeeper(self)
        self._has_look = True
        chosen = self.ui_state.theme(settings.theme)
        look = find_look(chosen) or look_named(settings.theme)
        self._unknown_theme = None if look.name == chosen else chosen
        apply_look(self, look)

    def on_load(self) -> None:
        leave_by_signal(self, self._end_as_asked)  # before the terminal is changed

    def on_mount(self) -> None:
        if self._unknown_theme is not None:
            unknown = repr(self._unknown_theme[:40])
            self.notify(f"The theme chosen last, {unknown}, does not exist. Choose another.", severity="warning")
        if not self.is_headless:
            self.set_interval(LOOK_EVERY, self._leave_what_is_gone)

    def on_resize(self) -> None:
        self._focus_keeper.follow_resize()

    def _leave_what_is_gone(self) -> None:
        from tokendesk.tui.terminal import is_gone

        if is_gone():
            self.exit()

    def _end_as_asked(self, code: int) -> None:
        """Exit on a signal, after the current batch of a run is recorded."""
        if run := self._run_under_way():
            if run.search_under_way is not None:
                run.end_search()
            run.cancel_and(lambda: self.exit(return_code=code))
        else:
            self.exit(return_code=code)

    async def on_event(self, event: events.Event) -> None:
        """Hold keys and clicks until the main screen is complete."""
        if isinstance(event, events.InputEvent) and self.screen_stack:
            main = self.screen_stack[0]
            if isinstance(main, MainScreen):
                await main.ready.wait()
        await super().on_event(event)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: "SeverityLevel" = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - Textual's parameter, always off
    ) -> None:
        """Show a notice, without markup: it may quote a server. Notices of screens and widgets come here too."""
        super().notify(
            printable_lines(message), title=printable(title), severity=severity, timeout=timeout, markup=False
        )

    def action_command_palette(self) -> None:
        """Open the palette without Textual's id for it, which a closing palette still holds."""
        from tokendesk.tui.command_palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def action_help_quit(self) -> None:
        """Handle ctrl+c: offer to end a running search, else say how to quit. Textual's own text is markup."""
        from tokendesk.tui.searching import ask_to_end_search

        if ask_to_end_search(self):
            return
        keys = next((action.shown_keys for action in self.actions if action.id == "quit"), "q")
        self.notify("Quit with " + " or ".join(keys.split()) + ".")

    def choose_look(self, look: Look) -> None:
        """Use `look` now and in later sessions."""
        apply_look(self, look)
        self.ui_state.remember_theme(look.name, self.settings.theme)

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        if self.screen_stack and is_paging_unseen(self.screen, action):
            return True
        running = super().run_action(action, default_namespace, namespaces)
        return await (self.key_gate.expect(running) if str(action).removeprefix("screen.") in OPENING else running)

    def refresh_css(self, animate: bool = True) -> None:
        """Only set the colours before the first screen, which parses the style sheet."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """Skip the variables of Textual's default theme, which is never used."""
        return super().get_css_variables() if self._has_look else {}

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK if self.current_theme.dark else LIGHT

    def get_default_screen(self) -> MainScreen:
        settings = self.settings
        return MainScreen(
            AppContext(
                settings,
                self.clock,
                SnapshotStore(settings.paths, settings.thresholds, self._reader),
                DeskWriter(settings, self.clock.now),
                self.connection,
                Marks(),
                self.ui_state,
                self.recovery,
            )
        )

    def _fatal_error(self) -> None:
        """Print the traceback without local variables: they contain personal data, and crashes get shared."""
        import rich
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[rich])
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()

    async def action_quit(self) -> None:
        """Quit; ask first while a run is active."""
        from tokendesk.tui.screens.quit import QuitScreen

        run = self._run_under_way()
        if run is None:
            self.exit()
        elif not isinstance(self.screen, QuitScreen):

            def answered(answer: str | None) -> None:
                if answer == "now":
                    self.exit()
                elif answer == "cancel":
                    run.cancel_and(self.exit)

            self.push_screen(QuitScreen(), answered)

    def _run_under_way(self) -> "RunScreen | None":
        from tokendesk.tui.screens.run import RunScreen

        runs = (screen for screen in self.screen_stack if isinstance(screen, RunScreen) and screen.is_under_way)
        return next(runs, None)

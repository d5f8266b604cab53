"""The application: what it is opened on, and what every screen shares."""

import time
from collections.abc import Callable

from textual.app import App
from textual.theme import Theme

from tokendesk.config import Settings
from tokendesk.running.access import Access
from tokendesk.tui.commands import PaneCommands
from tokendesk.tui.screens.main import MainScreen

DARK = {"muted": "#8593a8", "faint": "#56637a", "cursor": "#234a68", "cursor-blurred": "#1c3145"}
"""Colours that Textual's own themes lack: less important text, zeroes, the row under the cursor."""
LIGHT = {"muted": "#5c6773", "faint": "#9aa5b1", "cursor": "#b9d7ee", "cursor-blurred": "#dbe8f2"}

THEME = Theme(
    name="tokendesk",
    primary="#4c8dd6",
    secondary="#7a8fb3",
    accent="#5fb3d9",
    foreground="#d8dee9",
    background="#10151c",
    surface="#161d27",
    panel="#1d2632",
    success="#8fbf7f",
    warning="#e0b35c",
    error="#e5786d",
    dark=True,
    variables={"border-blurred": "#33415a", "block-cursor-text-style": "none", **DARK},
)


class TokendeskApp(App[int]):
    """`way` leads to the organization; without it there is the snapshot to browse and nothing to pull from.

    `clock` gives the present as epoch seconds; a screenshot freezes it.
    """

    TITLE = "tokendesk"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = {PaneCommands}
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (90, "-medium"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (14, "-tall"), (36, "-roomy")]

    def __init__(
        self,
        settings: Settings,
        way: Access | None = None,
        *,
        no_way: str = "",
        clock: Callable[[], int] = lambda: int(time.time()),
        pull_at_start: bool = False,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.way = way
        self.no_way = no_way
        self.clock = clock
        self.pull_at_start = pull_at_start
        self.register_theme(THEME)
        self.theme = "tokendesk"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK if self.current_theme.dark else LIGHT

    def get_default_screen(self) -> MainScreen:
        return MainScreen(self.settings, self.clock)

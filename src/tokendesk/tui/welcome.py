"""The welcome screen of a first start: three ways to begin."""

from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.extras import describe_missing_server
from tokendesk.model.text import printable
from tokendesk.paths import expand_home
from tokendesk.tui.edge import GuardedApp
from tokendesk.tui.stopping import leave_by_signal
from tokendesk.tui.themes import DARK, LIGHT, LOOKS, apply_look, look_named


class _Way(NamedTuple):
    command: str
    title: str
    help: str


_WAYS = (
    _Way(
        "demo",
        "Look around",
        "A practice organization of 1,204 invented people and 82 tokens on this machine. No account, no key, "
        "nothing can break.",
    ),
    _Way(
        "init",
        "Set up your organization",
        "Asks for the organization's id and where its API key is, tests the key by reading, and writes a profile. "
        "Nothing is changed at Atlassian.",
    ),
    _Way(
        "open",
        "Open a saved snapshot",
        "A file that a colleague made with: tokendesk snapshot save. It is only read, and needs no network.",
    ),
)


class WelcomeApp(GuardedApp[list[str]]):
    """Exits with the arguments of the chosen command, or with None."""

    TITLE = "tokendesk"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { align: center middle; }
    #welcome {
        width: 90%; max-width: 84; height: auto; max-height: 100%; padding: 1 2;
        border: round $accent; background: $surface;
    }
    #welcome OptionList { height: auto; border: none; background: $surface; padding: 0; }
    #welcome OptionList > .option-list--option-highlighted { background: $cursor; }
    #file { display: none; margin-top: 1; border: round $border-blurred; }
    #file.asked { display: block; }
    #problem { color: $text-error; height: auto; }
    .quiet { color: $muted; height: auto; margin-top: 1; }
    """
    BINDINGS = [
        Binding("escape", "step_out", "Leave", show=False),
        Binding("q", "exit", "Leave", show=False),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        for look in LOOKS:
            self.register_theme(look.theme)
        apply_look(self, look_named(settings.theme))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK if self.current_theme.dark else LIGHT

    def compose(self) -> ComposeResult:
        with Vertical(id="welcome") as box:
            box.border_title = Content("tokendesk")
            yield Static(
                "A triage desk for the user API tokens of an Atlassian Cloud organization. Nothing is set up yet.",
                markup=False,
            )
            yield Static("")
            options = [
                Option(Content.assemble((way.title, "bold"), (f"   tokendesk {way.command}\n", "$accent"), way.help))
                for way in _WAYS
            ]
            yield OptionList(*options, markup=False)
            yield Input(placeholder="the file, such as acme.tkd", id="file")
            yield Static("", id="problem", markup=False)
            yield Static("j k choose   enter start   esc leave", markup=False, classes="quiet")

    def on_mount(self) -> None:
        leave_by_signal(self)
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        command = _WAYS[event.option_index].command
        if command == "demo" and (missing := describe_missing_server()):
            self.query_one("#problem", Static).update(missing)
            return
        if command != "open":
            self.exit([command])
            return
        line = self.query_one("#file", Input)
        line.add_class("asked")
        line.focus()

    @on(Input.Submitted)
    def _open(self, event: Input.Submitted) -> None:
        from tokendesk.sqlite import is_snapshot

        typed = event.value.strip()
        try:
            path = expand_home(typed)
            if is_snapshot(path):
                self.exit(["open", str(path)])
                return
            problem = f"{path} is {'not a tokendesk snapshot' if path.is_file() else 'not there'}."
        except (UsageError, OSError, ValueError):
            problem = f"{printable(typed)[:60]} is not a valid file name."
        self.query_one("#problem", Static).update(problem if typed else "Type a file name.")

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_step_out(self) -> None:
        line = self.query_one("#file", Input)
        if line.has_class("asked"):
            line.remove_class("asked")
            self.query_one("#problem", Static).update("")
            self.query_one(OptionList).focus()
        else:
            self.exit()

    def action_exit(self) -> None:
        self.exit()

"""The dialog for quitting during a run."""

from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tokendesk.tui.base_screens import Dialog

Answer = Literal["stay", "cancel", "now"]


class QuitScreen(Dialog[Answer]):
    """Dismisses with `stay`, `cancel` (quit after the current batch) or `now`. Stay has the focus."""

    DROPS_EARLY_KEYS = True
    CSS_PATH = ["dialog.tcss", "grouped_rows.tcss"]
    BINDINGS = [
        Binding("escape,q", "dismiss('stay')", "Stay", show=False),
        Binding("left,h", "app.focus_previous", "Before", show=False),
        Binding("right,l", "app.focus_next", "Next", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("A run is active")
            yield Static(
                "If you cancel it, tokendesk quits after the current batch. If you quit now, the next start looks up "
                "its outcome: nothing is lost, and nothing is sent twice.",
                markup=False,
                classes="dialog-text",
            )
            with Horizontal(classes="buttons"):
                yield Button("Keep running", id="stay", variant="primary")
                yield Button("Cancel run, then quit", id="cancel")
                yield Button("Quit now", id="now", variant="error")

    def on_mount(self) -> None:
        self.query_one("#stay").focus()

    @on(Button.Pressed, "#stay")
    def _stay(self) -> None:
        self.dismiss("stay")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss("cancel")

    @on(Button.Pressed, "#now")
    def _now(self) -> None:
        self.dismiss("now")

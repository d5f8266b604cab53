"""A dialog to confirm one action."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tokendesk.tui.base_screens import Dialog


class Confirm(Dialog[bool]):
    """Dismisses with whether to do it. `verb` is the label of the button."""

    DROPS_EARLY_KEYS = True
    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [Binding("escape", "dismiss(False)", "Not now", show=False)]

    def __init__(self, title: str, words: str, verb: str) -> None:
        super().__init__()
        self._title, self._words, self._verb = title, words, verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(self._words, markup=False, classes="confirm-words")
            with Horizontal(classes="form-buttons"):
                yield Button(Content(self._verb), id="do", variant="primary", compact=True)
                yield Button("Not now", id="not-now", compact=True)
                yield Static("tab Next   enter Choose", markup=False, classes="form-keys")

    def on_mount(self) -> None:
        self.query_one("#do").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "do")

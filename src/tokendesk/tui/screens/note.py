"""A small form: what is this token for?"""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class NoteScreen(ModalScreen[str | None]):
    """Dismisses with the purpose, or with None where nothing is to be written."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, title: str, purpose: str) -> None:
        super().__init__()
        self._title = title
        self._purpose = purpose

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Note on {self._title}")
            yield Static("What is it for? Your colleagues will read this.", markup=False, classes="dialog-hint")
            yield Input(self._purpose, placeholder="such as: CI builds of the shop, ask the build team", id="purpose")
            yield Static("enter Save   esc Cancel", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())

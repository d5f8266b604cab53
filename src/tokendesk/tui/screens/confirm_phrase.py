"""The last confirmation before a change: nothing happens until a phrase is typed."""

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tokendesk.tui.base_screens import Dialog


class ConfirmPhraseDialog(Dialog[bool]):
    """Dismisses with True if the phrase was typed.

    Cancel has the focus, so that enter alone changes nothing; letters go to the line.
    """

    DROPS_EARLY_KEYS = True
    CSS_PATH = "dialog.tcss"
    BINDINGS = [Binding("escape", "dismiss(False)", "Cancel", show=False)]

    def __init__(self, title: str, about: str, phrase: str, verb: str) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._phrase = phrase
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(self._about, markup=False, classes="dialog-text")
            words = Content.assemble("Type ", (self._phrase, "bold $text-accent"), ", then enter, to do it.")
            yield Static(words, id="phrase-words", markup=False, classes="dialog-hint")
            yield Input(id="phrase", select_on_focus=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel")
                yield Button(self._verb, id="do", variant="error", disabled=True)
            yield Static("esc Cancel", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()

    def on_key(self, event: events.Key) -> None:
        """Type a letter into the line although a button has the focus."""
        line = self.query_one(Input)
        if event.is_printable and event.character is not None and not line.has_focus:
            event.stop()
            line.focus()
            line.insert_text_at_cursor(event.character)

    @property
    def _is_typed(self) -> bool:
        return self.query_one(Input).value.strip().casefold() == self._phrase.casefold()

    @on(Input.Changed)
    def _check(self) -> None:
        self.query_one("#do", Button).disabled = not self._is_typed

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self._is_typed:
            self.dismiss(True)
            return
        self.query_one("#phrase-words", Static).update(
            Content.assemble("That does not match. Type ", (self._phrase, "bold $text-accent"), ", or cancel with esc.")
        )

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "do" and self._is_typed)

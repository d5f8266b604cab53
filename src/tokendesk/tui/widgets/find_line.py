"""The line under the details in which a text to find is typed."""

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tokendesk.tui.widgets.lines import TextLine


class FindInput(Input):
    BINDINGS = [
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
        Binding("escape", "leave", show=False),
    ]

    def action_step(self, step: int) -> None:
        self.post_message(FindLine.Stepped(step))

    def action_leave(self) -> None:
        self.post_message(FindLine.Ended())

    def on_blur(self) -> None:
        is_hidden = self.screen.has_class("-tiny") or self.screen.has_class("-short")
        if self.app.app_focus and not is_hidden:  # else it is still in use, and gets the focus again
            self.post_message(FindLine.Ended())


class FindLine(Horizontal):
    """Posts `Edited`, `Stepped` and `Ended`. It has the focus while it is shown."""

    DEFAULT_CSS = """
    FindLine { height: 1; display: none; background: $surface-lighten-1; }
    FindLine > Static { width: auto; color: $muted; }
    FindLine > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface-lighten-1; }
    FindLine > TextLine { width: 12; text-align: right; padding-right: 1; color: $muted; }
    """

    class Edited(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Stepped(Message):
        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Ended(Message):
        pass

    def compose(self) -> ComposeResult:
        yield Static("find ", markup=False)
        placeholder = "text to find: enter Next, esc Back"
        yield FindInput(id="find", compact=True, placeholder=placeholder, select_on_focus=False)
        yield TextLine(id="find-state")

    _from: Widget | None = None
    """What had the focus before."""

    def begin(self, before: Widget | None) -> None:
        """Show the line with the text sought last, and focus it. `before`: what has the focus until now."""
        line = self.query_one(Input)
        if line.has_focus:
            return
        self._from = before
        self.display = True
        self.screen.set_focus(line)  # at once: `focus` would set it after keys already waiting
        line.select_all()
        self.post_message(self.Edited(line.value))

    def end(self) -> Widget | None:
        """Hide the line; return the widget that should have the focus again, if the line has it still."""
        had_focus = self.query_one(Input).has_focus
        self.display = False
        return self._from if had_focus else None

    def say(self, words: str) -> None:
        self.query_one(TextLine).say(Content(words))

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self.post_message(self.Edited(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Stepped(1))

    def on_click(self, event: events.Click) -> None:
        event.stop()

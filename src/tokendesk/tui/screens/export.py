"""A dialog for the path and format of an export."""

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tokendesk.model.text import printable
from tokendesk.reporting.formats import ENDING_OF, FORMATS, format_of
from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.choice import Choice

_FORMATS = tuple(form for form in FORMATS if form != "table")


class ExportScreen(Dialog[tuple[Path, str] | None]):
    """Dismisses with path and format, or with None. A second enter replaces an existing file."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, what: str, proposal: Path) -> None:
        super().__init__()
        self._what = what
        self._proposal = proposal
        self._agreed: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Export")
            yield Static(self._what, markup=False, classes="dialog-hint")
            yield Input(str(self._proposal), id="export-path", select_on_focus=False)
            yield Choice(_FORMATS, format_of(str(self._proposal)) or "csv", id="export-format")
            yield Static("", markup=False, id="export-problem")
            yield Static("enter Write   tab Format   esc Cancel", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.focus()
        line.cursor_position = len(line.value)

    @on(Input.Changed)
    def _follow_ending(self, event: Input.Changed) -> None:
        form = format_of(event.value)
        if form in _FORMATS:
            self.query_one(Choice).value = form
        self._agreed = None
        self._say("")

    @on(Choice.Changed)
    def _follow_format(self, event: Choice.Changed) -> None:
        line = self.query_one(Input)
        if line.value and format_of(line.value) != event.value:
            path = Path(line.value)
            known = format_of(line.value) is not None
            line.value = str(path.with_suffix(ENDING_OF[event.value]) if known else f"{path}{ENDING_OF[event.value]}")

    @on(Input.Submitted)
    @on(Choice.Submitted)
    def _write(self) -> None:
        typed = self.query_one(Input).value.strip()
        if not typed:
            self._say("Type a file name.")
            return
        path = Path(typed).expanduser()
        if path.is_dir():
            self._say("That is a folder. Add a file name.")
        elif path.exists() and self._agreed != path:
            self._agreed = path
            self._say(f"{printable(path.name)} already exists. enter again replaces it.")
        else:
            self.dismiss((path, self.query_one(Choice).value))

    def _say(self, words: str) -> None:
        self.query_one("#export-problem", Static).update(Content.styled(words, "$text-warning"))

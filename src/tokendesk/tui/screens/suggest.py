"""Dialogs to choose from a list that typing filters, or to type a text."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.model.text import fold, printable
from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.editors import SuggestInput

_MOST = 40
Result = TypeVar("Result")


class PickDialog(Dialog[Result | None]):
    """Dismisses with the chosen result, or with None. `start`: the index highlighted first."""

    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
        Binding("down,ctrl+n", "step(1)", "Down", show=False, priority=True),
    ]
    LOOK, HINT_LOOK = "dialog", "dialog-hint"
    """The CSS classes of its box, and of the text above and below the list."""
    NOTHING = ""
    """The text of the list when nothing matches."""
    start = 0

    def __init__(self, title: str, hint: str, line: Input, verb: str = "Choose") -> None:
        super().__init__()
        self._title, self._hint, self._line, self._verb = title, hint, line, verb
        self._shown: Sequence[Result] = ()

    @abstractmethod
    def matching(self, text: str, width: int) -> list[tuple[Result, Content]]:
        """Return results that match `text`, each drawn in `width` cells."""

    def header(self) -> ComposeResult:
        """Yield the widgets above the list."""
        yield from ()

    def compose(self) -> ComposeResult:
        with Vertical(classes=self.LOOK) as dialog:
            dialog.border_title = Content(self._title)
            yield Static(self._hint, markup=False, classes=self.HINT_LOOK)
            yield self._line
            yield from self.header()
            options = OptionList(markup=False, compact=True)
            options.can_focus = False
            yield options
            yield Static(f"↑ ↓ step   enter {self._verb}   esc Cancel", markup=False, classes=self.HINT_LOOK)

    def on_mount(self) -> None:
        self._match(self.start)

    def on_resize(self) -> None:
        self._match(self.query_one(OptionList).highlighted or 0)

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._match(0)

    def _match(self, at: int) -> None:
        options = self.query_one(OptionList)
        found = self.matching(self._line.value, max(20, options.scrollable_content_region.width or 60))
        self._shown = [result for result, _ in found]
        options.clear_options()
        options.add_options(Option(content) for _, content in found)
        options.highlighted = min(at, len(found) - 1) if found else None
        if not found:
            options.add_option(Option(Content.styled(f"  {self.NOTHING}", "$muted"), disabled=True))

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = ((options.highlighted or 0) + step) % len(self._shown)

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        if self._shown:
            self.dismiss(self._shown[self.query_one(OptionList).highlighted or 0])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index])


class SuggestDialog(PickDialog[str]):
    """A text, typed or chosen from earlier ones. `suggestions`: texts, each with the reason for it.

    The first line is what was typed. `likely`: how many of the offers are so likely that the first one is chosen
    to begin with.
    """

    LOOK, HINT_LOOK = "dialog pick", "form-about"

    def __init__(
        self,
        title: str,
        hint: str,
        suggestions: Sequence[tuple[str, str]],
        *,
        text: str = "",
        empty: str,
        verb: str,
        likely: int = 0,
    ) -> None:
        super().__init__(title, hint, SuggestInput(text), verb)
        self._suggestions = [(offer, why) for offer, why in suggestions if offer != text]
        self._text, self._empty = text, empty
        self.start = 1 if likely and not text else 0

    def matching(self, text: str, width: int) -> list[tuple[str, Content]]:
        # The initial text is not a search.
        wanted = "" if text == self._text else fold(text.strip())
        found = [(offer, why) for offer, why in self._suggestions if wanted in fold(offer) and offer != text][:_MOST]
        typed = _format_row(printable(text.strip()) or self._empty, "", width, typed=True)
        return [
            (text.strip(), typed),
            *((offer.strip(), _format_row(printable(offer), why, width)) for offer, why in found),
        ]


def _format_row(text: str, why: str, width: int, *, typed: bool = False) -> Content:
    room = max(10, width - len(why) - 5)
    return Content.assemble(
        (f" {'›' if typed else ' '} ", "$accent"),
        (fit_text(text, room), "bold" if typed else ""),
        (f" {why}", "$muted"),
    )

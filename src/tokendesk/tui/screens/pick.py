"""A text, typed or chosen from those used before."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.model.text import clean, fold
from tokendesk.tui.leaving import ModalScreen
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.editors import OfferInput

_MOST = 40


class Pick(ModalScreen[str | None]):
    """Dismisses with the text, or with None. `offers`: texts, and the words that say why each is offered.

    The first line is what was typed. `likely`: how many of the offers are so likely that the first one is chosen
    to begin with.
    """

    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
        Binding("down", "step(1)", "Down", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        offers: Sequence[tuple[str, str]],
        *,
        text: str = "",
        empty: str,
        verb: str,
        likely: int = 0,
    ) -> None:
        super().__init__()
        self._title, self._hint, self._verb = title, hint, verb
        self._offers = [(offer, why) for offer, why in offers if offer != text]
        self._text = text
        self._empty = empty
        self._likely = 0 if text else likely
        self._shown: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog pick") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(self._hint, markup=False, classes="form-about")
            yield OfferInput(self._text)
            options = OptionList(markup=False, compact=True)
            options.can_focus = False
            yield options
            yield Static(f"↑ ↓ step   enter {self._verb}   esc Cancel", markup=False, classes="form-about")

    def on_mount(self) -> None:
        self._match(self._text)
        if self._likely:
            self.query_one(OptionList).highlighted = 1

    def on_resize(self) -> None:
        at = self.query_one(OptionList).highlighted
        self._match(self.query_one(Input).value)
        self.query_one(OptionList).highlighted = at

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._match(event.value)

    def _match(self, text: str) -> None:
        options = self.query_one(OptionList)
        # What stands there from before says nothing about what is looked for.
        wanted = "" if text == self._text else fold(text.strip())
        found = [(offer, why) for offer, why in self._offers if wanted in fold(offer) and offer != text][:_MOST]
        self._shown = [text, *(offer for offer, _ in found)]
        width = max(20, options.scrollable_content_region.width or 60)
        options.clear_options()
        options.add_option(Option(_line(clean(text.strip()) or self._empty, "", width, typed=True)))
        options.add_options(Option(_line(clean(offer), why, width)) for offer, why in found)
        options.highlighted = 0

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.highlighted = ((options.highlighted or 0) + step) % len(self._shown)

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(self._shown[self.query_one(OptionList).highlighted or 0].strip())

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].strip())


def _line(text: str, why: str, width: int, *, typed: bool = False) -> Content:
    room = max(10, width - len(why) - 5)
    return Content.assemble(
        (f" {'›' if typed else ' '} ", "$accent"),
        (fit_text(text, room), "bold" if typed else ""),
        (f" {why}", "$muted"),
    )

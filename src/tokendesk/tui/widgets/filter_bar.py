"""The line under the list: the filter and messages about it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.visual import VisualType
from textual.widgets import Input, Static

from tokendesk.tui.widgets.lines import TextLine

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion
    from tokendesk.tui.widgets.filter_input import FilterInput

_HINT = "press / and type: words or idle:90d.."


class FilterBar(Horizontal):
    """Draws a hint until its input is mounted. Posts `Edited` for typed text, and `Submitted`."""

    class Edited(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        pass

    input: "FilterInput | None" = None
    """None until after the first frame."""
    text_before = ""
    """The filter when the input got the focus."""

    def render(self) -> VisualType:
        if self.input is not None:
            return super().render()
        return Content.assemble((" / ", "bold $accent"), (_HINT, "$muted"))

    async def mount_input(self, complete: "Callable[[str, int], Completion]") -> None:
        """Mount the input after the first frame. `complete` returns the completions for tab."""
        from tokendesk.tui.widgets.filter_input import FilterInput

        self.input = FilterInput(complete, id="filter", placeholder=_HINT)
        await self.mount_all([Static("/", id="filter-sign", markup=False), self.input, TextLine(id="filter-state")])

    @property
    def text(self) -> str:
        return self.input.value if self.input is not None else ""

    @property
    def is_typing(self) -> bool:
        return self.input is not None and self.input.has_focus

    @property
    def is_half_typed(self) -> bool:
        return self.input is not None and self.input.is_half_typed

    def show(self, text: str) -> None:
        """Show the filter of the query on screen."""
        if self.input is not None and self.input.value != text:
            with self.prevent(Input.Changed):
                self.input.value = text

    def show_scopes(self, within: Sequence[str]) -> None:
        """Say while no filter is typed what the list is narrowed to already."""
        if self.input is not None:
            self.input.placeholder = f"within {', '.join(within)}" if within else _HINT

    def edit(self, history: list[str]) -> None:
        if self.input is not None and not self.is_typing:
            self.input.history = history
            self.text_before = self.input.value
            self.screen.set_focus(self.input)  # at once: `focus` would set it after keys already waiting

    def offer_again(self) -> None:
        if self.input is not None:
            self.input.offer_again()

    def say(self, words: str, *, wrong: bool = False) -> None:
        for state in self.query("#filter-state").results(TextLine):
            state.set_class(wrong, "error")
            state.say(Content(words))

    @property
    def room(self) -> int:
        """The width available for a message."""
        return max((state.size.width - 2 for state in self.query("#filter-state").results(TextLine)), default=0)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

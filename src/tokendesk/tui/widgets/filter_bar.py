"""The line under the list: the filter, and what there is to say of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.visual import VisualType
from textual.widgets import Input, Static

from tokendesk.tui.widgets.lines import Line

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion
    from tokendesk.tui.widgets.filter_input import FilterInput

_HINT = "press / and type: words or idle:90d.."


class FilterBar(Horizontal):
    """Draws its hint until its input is mounted. Posts `Edited` for what a person types, and `Submitted`."""

    class Edited(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        pass

    input: "FilterInput | None" = None
    """Not there before the first frame."""
    text_before = ""
    """What stood there when it got the keys."""

    def render(self) -> VisualType:
        if self.input is not None:
            return super().render()
        return Content.assemble((" / ", "bold $accent"), (_HINT, "$muted"))

    async def mount_input(self, complete: "Callable[[str, int], Completion]") -> None:
        """Mount what has nothing to say before the rows are there. `complete` says what tab offers."""
        from tokendesk.tui.widgets.filter_input import FilterInput

        self.input = FilterInput(complete, id="filter", placeholder=_HINT)
        await self.mount_all([Static("/", id="filter-sign", markup=False), self.input, Line(id="filter-state")])

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

    def edit(self, history: list[str]) -> None:
        if self.input is not None and not self.is_typing:
            self.input.history = history
            self.text_before = self.input.value
            self.screen.set_focus(self.input)  # at once: `focus` would do it after the keys that wait already

    def offer_again(self) -> None:
        if self.input is not None:
            self.input.offer_again()

    def say(self, words: str, *, wrong: bool = False) -> None:
        for state in self.query("#filter-state").results(Line):
            state.set_class(wrong, "error")
            state.say(Content(words))

    @property
    def room(self) -> int:
        """The cells that what is said here may take."""
        return max((state.size.width - 2 for state in self.query("#filter-state").results(Line)), default=0)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

"""The filter line: an Input that goes back through what was typed before, and completes fields and values."""

from collections.abc import Callable, Sequence

from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from tokendesk.filtering.complete import Completion

Complete = Callable[[str, int], Completion]


class FilterInput(Input):
    """`complete` says what tab offers at the cursor; `Offered` tells what there is to choose from."""

    BINDINGS = [
        Binding("up", "older", "Older filter", show=False),
        Binding("down", "newer", "Newer filter", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]

    class Offered(Message):
        def __init__(self, candidates: Sequence[str]) -> None:
            super().__init__()
            self.candidates = candidates

    def __init__(self, complete: Complete, *, id: str, placeholder: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder=placeholder, compact=True, select_on_focus=False)
        self._complete = complete
        self.history: Sequence[str] = ()
        self._at = 0
        self._offer: Completion | None = None
        self._turn = 0

    def on_focus(self) -> None:
        self._at = len(self.history)
        self.cursor_position = len(self.value)

    def on_key(self) -> None:
        # Any other key ends the round of tabs.
        self._offer = None

    def watch_value(self, _: str) -> None:
        if self.has_focus and self._offer is None:
            # The cursor moves after the value.
            self.call_next(self._offer_now)

    def _offer_now(self) -> None:
        found = self._complete(self.value, self.cursor_position)
        self.post_message(self.Offered(found.candidates if found.prefix or found.kind == "value" else ()))

    @property
    def is_in_a_name(self) -> bool:
        """Whether the cursor stands at the end of what may become the name of a field."""
        found = self._complete(self.value, self.cursor_position)
        return self.has_focus and found.kind == "field" and bool(found.prefix and found.candidates)

    def action_older(self) -> None:
        self._step(-1)

    def action_newer(self) -> None:
        self._step(1)

    def _step(self, step: int) -> None:
        at = self._at + step
        if 0 <= at < len(self.history):
            self._at = at
            self.value = self.history[at]
        elif at >= len(self.history):
            self._at = len(self.history)
            self.value = ""
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        """Put in the first candidate; again, the next one."""
        if self._offer is None:
            offer, self._turn = self._complete(self.value, self.cursor_position), 0
            self._text = self.value
        else:
            offer, self._turn = self._offer, self._turn + 1
        if not offer.candidates:
            return
        self._offer = offer
        candidate = offer.candidates[self._turn % len(offer.candidates)]
        self.value, self.cursor_position = offer.insert(self._text, candidate)
        self.post_message(self.Offered(offer.candidates))

"""The filter input, with history and completion of fields and values."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from tokendesk.model.text import printable

if TYPE_CHECKING:
    from tokendesk.filtering.complete import Completion

_MOST_SHOWN = 10

Complete = Callable[[str, int], "Completion"]


class FilterInput(Input):
    """`complete` returns the completions at the cursor; `Offered` announces them."""

    BINDINGS = [
        Binding("up", "older", "Older filter", show=False),
        Binding("down", "newer", "Newer filter", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]

    # Avoids a layout of the screen for each letter: the text does not change the size.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    class Offered(Message):
        """`offer`: the completions for tab; None if there are none."""

        def __init__(self, offer: "Completion | None") -> None:
            super().__init__()
            self.offer = offer

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
        # Any other key ends the cycle of completions.
        self._offer = None

    def watch_value(self, _: str) -> None:
        if self.has_focus and self._offer is None:
            # The cursor moves after the value.
            self.call_next(self._offer_now)

    def _offer_now(self) -> None:
        self._say_offer(self._complete(self.value, self.cursor_position))

    def _say_offer(self, found: "Completion") -> None:
        worth = found.candidates and (found.prefix or found.kind == "value")
        self.post_message(self.Offered(found if worth else None))

    def offer_again(self) -> None:
        """Offer again: more values are known now."""
        if self.has_focus and self._offer is None:
            self._offer_now()

    @property
    def is_half_typed(self) -> bool:
        """Whether the text before the cursor may become a field name or a known value."""
        found = self._complete(self.value, self.cursor_position)
        return self.has_focus and found.kind != "none" and bool(found.prefix and found.candidates)

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
        """Insert the first candidate, then the next one each time."""
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
        self.post_message(self.Offered(offer))


def describe_completion(offer: "Completion") -> Content:
    """Return the candidates for tab with their row counts, as one line."""
    parts: list[tuple[str, str]] = [(" tab ", "bold $accent")]
    for candidate in offer.candidates[:_MOST_SHOWN]:
        parts.append((f" {printable(candidate)}", ""))
        if candidate in offer.counts:
            parts.append((f" {offer.counts[candidate]:,}", "$muted"))
        parts.append(("  ", ""))
    if len(offer.candidates) > _MOST_SHOWN:
        parts.append((f" and {len(offer.candidates) - _MOST_SHOWN} more", "$muted"))
    return Content.assemble(*parts)

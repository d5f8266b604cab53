"""Text editors that draw control characters as visible signs.

The text itself stays as typed; only the drawing changes.
"""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input, TextArea

from tokendesk.model.text import printable


def harmless(strip: Strip) -> Strip:
    """Return `strip` without control characters."""
    segments = [Segment(printable(text), style, control) for text, style, control in strip]
    if all(new.text == old.text for new, old in zip(segments, strip, strict=True)):
        return strip
    return Strip(segments).adjust_cell_length(strip.cell_length)


class SuggestInput(Input):
    """One line that completes from `suggestions`: right takes the one shown, up and down go through all that match.

    `several` says that commas separate values, of which the last is completed.
    """

    BINDINGS = [
        Binding("down", "offer(1)", "Next suggestion", show=False),
        Binding("up", "offer(-1)", "Previous suggestion", show=False),
    ]

    def __init__(
        self,
        value: str = "",
        *,
        suggestions: Sequence[str] = (),
        several: bool = False,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        # Suggestions may come from outside: those with control characters are left out.
        self.suggestions = [offer for offer in suggestions if printable(offer) == offer]
        self.several = several
        super().__init__(
            value,
            id=id,
            placeholder=placeholder,
            compact=True,
            select_on_focus=False,
            suggester=_InputSuggester(self) if self.suggestions else None,
        )
        self._typed = value
        self._turn: int | None = None

    def matching(self) -> list[str]:
        """Return the suggestions that contain the typed text, prefix matches first."""
        last = self._typed.rpartition(",")[2].strip() if self.several else self._typed.strip()
        folded = last.casefold()
        found = [offer for offer in self.suggestions if folded in offer.casefold() and offer != last]
        return sorted(found, key=lambda offer: not offer.casefold().startswith(folded))

    def action_offer(self, step: int) -> None:
        """Insert the next suggestion; after the last one, the typed text again."""
        if not self.suggestions:
            (self.screen.focus_next if step > 0 else self.screen.focus_previous)()
            return
        if self._turn is None:
            self._typed = self.value
        found = self.matching()
        if not found:
            return
        places = len(found) + 1
        self._turn = ((len(found) if self._turn is None else self._turn) + step) % places
        self.value = self._typed if self._turn == len(found) else self._with(found[self._turn])
        self.cursor_position = len(self.value)

    def _with(self, offer: str) -> str:
        if not self.several:
            return offer
        before = self._typed.rpartition(",")[0]
        return f"{before}, {offer}" if before else offer

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("up", "down"):
            self._turn = None

    def on_paste(self, event: events.Paste) -> None:
        # Textual would silently drop all but the first line.
        event.prevent_default()
        event.stop()
        text = " ".join(event.text.splitlines())
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)

    def render_line(self, y: int) -> Strip:
        return harmless(super().render_line(y))


class _InputSuggester(Suggester):
    def __init__(self, line: SuggestInput) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._line = line

    async def get_suggestion(self, value: str) -> str | None:
        before, comma, last = value.rpartition(",") if self._line.several else ("", "", value)
        start = last.lstrip()
        if not start:
            return None
        for offer in self._line.suggestions:
            if offer.casefold().startswith(start.casefold()) and len(offer) > len(start):
                return f"{before}{comma}{last[: len(last) - len(start)]}{start}{offer[len(start) :]}"
        return None


class PlainTextArea(TextArea):
    """Several lines of plain text."""

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            text, id=id, placeholder=placeholder, compact=True, tab_behavior="focus", show_line_numbers=False,
            highlight_cursor_line=False,
        )  # fmt: skip

    def render_line(self, y: int) -> Strip:
        return harmless(super().render_line(y))

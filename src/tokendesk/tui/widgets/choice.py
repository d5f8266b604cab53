"""A widget to choose one of a few words by first letter, arrows or click; the same letter again goes to the next."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """`value` is one of `words`, or empty if none is chosen."""

    DEFAULT_CSS = "Choice { height: 1; width: 1fr; }"
    BINDINGS = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
        Binding("enter", "submit", show=False),
    ]

    value: reactive[str] = reactive("")

    class Changed(Message):
        def __init__(self, choice: "Choice", value: str) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

        @property
        def control(self) -> "Choice":
            return self.choice

    class Submitted(Message):
        pass

    def __init__(self, words: Sequence[str], value: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._words = tuple(words)
        self.set_reactive(Choice.value, value)

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for word in self._words:
            if word == self.value:
                parts.append((f" {word} ", "bold $text on $primary" if self.has_focus else "bold reverse"))
            else:
                parts += [(" ", ""), (word[0], "$accent underline"), (f"{word[1:]} ", "$muted")]
            parts.append((" ", ""))
        return Content.assemble(*parts)

    def watch_value(self, value: str) -> None:
        self.post_message(self.Changed(self, value))

    def action_step(self, step: int) -> None:
        at = self._words.index(self.value) if self.value in self._words else -1 if step > 0 else 0
        self.value = self._words[(at + step) % len(self._words)]

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def on_key(self, event: events.Key) -> None:
        begun = [word for word in self._words if event.character and word.startswith(event.character)]
        if begun:
            at = begun.index(self.value) + 1 if self.value in begun else 0
            self.value = begun[at % len(begun)]
            event.stop()

    def on_click(self, event: events.Click) -> None:
        left = 0
        for word in self._words:
            width = cell_len(word) + 3
            if left <= event.x < left + width:
                self.value = word
            left += width

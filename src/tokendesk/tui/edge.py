"""Sanitizes what leaves the app: drawn lines, copied text, crash output, opened URLs.

Keys come in through one gate.
"""

from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.segment import Segment, Segments
from textual import events
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from tokendesk.model.text import UNSAFE_REPLACED, is_unsafe, printable_lines, replace_unsafe
from tokendesk.tui.key_gate import KeyGate

Result = TypeVar("Result")


class NoControlCharacters(LineFilter):
    """The last check of each line. It keeps widths: the line is already laid out.

    Code that shows text from outside replaces control characters by visible signs. This catches what it forgot.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        if not any(is_unsafe(segment.text) for segment in segments):
            return segments
        return [segment if segment.control else _safe(segment) for segment in segments]


def _safe(segment: Segment) -> Segment:
    return Segment(replace_unsafe(segment.text, lambda char: UNSAFE_REPLACED * cell_len(char)), segment.style)


_FILTER = NoControlCharacters()


class GuardedApp(App[Result]):
    """A Textual app that sanitizes its output, and passes keys through the key gate."""

    def __init__(self) -> None:
        super().__init__()
        self.key_gate = KeyGate(self, super().on_event)

    def on_mount(self) -> None:
        self.key_gate.begin()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.key_gate.take(event)
        else:
            await super().on_event(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), _FILTER]

    def copy_to_clipboard(self, text: str) -> None:
        """Sanitize all copied text, selections too: pasted into a shell it must not run."""
        super().copy_to_clipboard(printable_lines(text, tabs=True))

    def open_url(self, url: str, *, new_tab: bool = True) -> None:  # noqa: ARG002 - Textual's
        """Open `url` without Textual's browser call, which passes our environment on."""
        from tokendesk.tui.browser import open_address

        open_address(url)

    def _print_error_renderables(self) -> None:
        """Print a crash in one colour and sanitized: an error may quote a server."""
        for rendered in self._exit_renderables[:1]:
            parts = self.error_console.render(rendered)
            self.error_console.print(
                Segments([Segment(printable_lines(part.text)) for part in parts if not part.control])
            )
        self._exit_renderables.clear()

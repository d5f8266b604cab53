"""Standard output and error: text for people is safe to draw, data is written unchanged.

While a command runs, `print` and everything else that writes to `sys.stdout` and `sys.stderr` goes through
`SafeStream`. Data is written to `standard_output()`: for a pipe or a file that is the stream itself.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO, cast

from tokendesk.errors import UsageError
from tokendesk.model.text import fit_parts, printable_lines

_COLUMNS = 80
"""Of a terminal that does not say how many it has."""


class SafeStream(io.TextIOBase):
    """A text stream without control characters: nothing moves the cursor or recolours the screen."""

    def __init__(self, stream: TextIO, hide: Callable[[str], str] = str) -> None:
        """`hide`: returns a text without what must not be shown."""
        self.stream = stream
        self._hide = hide

    def write(self, text: str) -> int:
        self.stream.write(printable_lines(self._hide(text)))
        return len(text)

    def renew_line(self, text: str) -> None:
        """Replace the current line with `text`, as far as it fits: a second line would stay. For a terminal.

        With spaces: a console of Windows shows escape sequences as text, unless a program asks it to obey them.
        """
        room = _COLUMNS - 1
        with suppress(OSError):
            room = max(1, os.get_terminal_size(self.fileno()).columns - 1)
        text = fit_parts(text, room)[:room]
        self.stream.write(f"\r{' ' * room}\r{printable_lines(text)}")
        self.stream.flush()

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.stream.errors

    def close(self) -> None:
        """Leave the stream open: it belongs to Python."""


@contextmanager
def safe_streams() -> Iterator[None]:
    """Use safe streams until the end. They stay for a traceback, so that Python prints it safely too."""
    before = sys.stdout, sys.stderr
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console may have no "…": it shows a question mark
    if sys.stdout is not None:
        sys.stdout = cast(TextIO, SafeStream(sys.stdout))
    sys.stderr = cast(TextIO, SafeStream(sys.stderr, _without_keys))
    try:
        yield
    except SystemExit:
        _restore(*before)
        raise
    else:
        _restore(*before)


class QuietStream(io.TextIOBase):
    """Takes no notice of what is written. `stream`: where errors and questions go all the same."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.stream.isatty()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Leave only errors and questions on standard error, until the end."""
    before, sys.stderr = sys.stderr, cast(TextIO, QuietStream(sys.stderr))
    try:
        yield
    finally:
        sys.stderr = before


def urgent_stderr() -> TextIO:
    """Return the stream for errors and questions, which --quiet leaves."""
    return sys.stderr.stream if isinstance(sys.stderr, QuietStream) else sys.stderr


def _without_keys(text: str) -> str:
    """Return a message without keys: it may quote an argument, a setting or a name that one was pasted into."""
    if not text.strip():
        return text
    from tokendesk.commands.error_output import hide_keys  # late: it loads what searches responses

    return hide_keys(text)


def _restore(stdout: TextIO, stderr: TextIO) -> None:
    # None after a broken pipe: Python must not flush it at exit.
    sys.stdout = None if sys.stdout is None else stdout
    sys.stderr = stderr


def standard_output(*, as_written: bool = False) -> TextIO:
    """Return the stream for data: UTF-8, and unchanged unless it is a terminal.

    `as_written`: no newline translation, for tables with line endings of their own.
    """
    out = sys.stdout
    if out is None:
        raise UsageError("Standard output is closed. Send it to a file, such as: > FILE")
    stream = out.stream if isinstance(out, SafeStream) else out
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace", newline="" if as_written else None)
    return out if stream.isatty() else stream


def status_line() -> Callable[[str], None] | None:
    """Return a function that redraws a status line on standard error; None if that is not a terminal."""
    if isinstance(sys.stderr, QuietStream) or not sys.stderr.isatty():
        return None
    stream = sys.stderr if isinstance(sys.stderr, SafeStream) else SafeStream(sys.stderr)
    return stream.renew_line

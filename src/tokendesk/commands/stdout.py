"""Standard output and error: what is printed for people is safe to draw, what is data goes out whole.

While a command runs, `print` and all that writes to `sys.stdout` and `sys.stderr` goes through `Printed`, whoever
wrote the words. Data asks for `standard_output()`: into a pipe or a file that is the stream itself.
"""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, cast

from tokendesk.errors import UsageError
from tokendesk.model.text import clean_lines


class SafeStream(io.TextIOBase):
    """A stream for words: none of them moves the cursor, recolours the screen or sets the terminal's title."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(clean_lines(text))
        return len(text)

    def renew_line(self, text: str) -> None:
        """Write `text` in the place of the line that the cursor is on. For a terminal."""
        self.stream.write(f"\r\x1b[K{clean_lines(text)}")
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
        """Leave the stream open: it is not ours."""


@contextmanager
def safe_streams() -> Iterator[None]:
    """Print for people until the end. Where that is an error of the program's own, Python prints it the same way."""
    before = sys.stdout, sys.stderr
    if sys.stdout is not None:
        sys.stdout = cast(TextIO, SafeStream(sys.stdout))
    sys.stderr = cast(TextIO, SafeStream(sys.stderr))
    try:
        yield
    except SystemExit:
        _restore(*before)
        raise
    else:
        _restore(*before)


def _restore(stdout: TextIO, stderr: TextIO) -> None:
    # Nothing is left where the reader of a pipe has gone: what it did not want must not be flushed at exit either.
    sys.stdout = None if sys.stdout is None else stdout
    sys.stderr = stderr


def standard_output(*, as_written: bool = False) -> TextIO:
    """Return it for data: in UTF-8, whatever the terminal's own encoding cannot say, and whole unless it is drawn.

    `as_written`: lines end as they are written, for tables that bring their own ends: where the system has others,
    each would be ended twice.
    """
    out = sys.stdout
    if out is None:
        raise UsageError("There is no standard output here. Write to a file, or do not close it.")
    stream = out.stream if isinstance(out, SafeStream) else out
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace", newline="" if as_written else None)
    return out if stream.isatty() else stream


def status_line() -> Callable[[str], None] | None:
    """Return what renews a line on the terminal of standard error; None where it is no terminal."""
    if not sys.stderr.isatty():
        return None
    stream = sys.stderr if isinstance(sys.stderr, SafeStream) else SafeStream(sys.stderr)
    return stream.renew_line

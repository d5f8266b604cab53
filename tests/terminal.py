"""A pseudo-terminal controlled by a test."""

import os
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest


def drawn(monkeypatch: pytest.MonkeyPatch, run: Callable[[], int], columns: int = 80) -> str:
    """Return all that `run`, which succeeds, writes to a standard output that is a terminal `columns` wide."""
    codes: list[int] = []
    text = _captured(monkeypatch, lambda: codes.append(run()), columns, ("stdout",))
    assert codes == [0]
    return text


def drawn_whole(monkeypatch: pytest.MonkeyPatch, run: Callable[[], object], columns: int = 100) -> str:
    """Return all that `run` writes to standard output and error, which are one terminal; it may fail."""
    return _captured(monkeypatch, run, columns, ("stdout", "stderr"))


def _captured(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[], object], columns: int, streams: tuple[str, ...]
) -> str:
    fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    parts: list[str] = []
    # Beside it: a terminal holds little, and hands it over when it likes.
    listening = threading.Thread(target=lambda: parts.append(all_of(ours)))
    listening.start()
    try:
        with monkeypatch.context() as patched, os.fdopen(theirs, "w", encoding="utf-8") as terminal:
            for stream in streams:
                patched.setattr(sys, stream, terminal)
            with suppress(SystemExit):  # how wrong usage ends
                run()
            terminal.flush()
            termios.tcdrain(terminal)
    finally:
        listening.join()
        os.close(ours)
    return "".join(parts)


def all_of(terminal: int) -> str:
    """Return what was written to the other end, until that is closed."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # how Linux says that nobody has it open any more
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()

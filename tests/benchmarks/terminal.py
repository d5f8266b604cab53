"""Runs a program in a pseudo-terminal, and reads its screen."""

import contextlib
import fcntl
import os
import pty
import queue
import signal
import struct
import subprocess
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

_ENVIRON = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONDONTWRITEBYTECODE": ""}
"""A program that is installed has its bytecode; empty means that ours may write it, at its first start."""
_SILENCE = 0.05
"""Seconds without output after which the emulator may work."""


class Terminal:
    """`command` on a terminal of `size` (columns, rows)."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (140, 40)) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.begun = time.perf_counter()
        self.child = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **_ENVIRON, **environ},
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)
        # Read at once and emulate when the program is silent: the emulator is slower than what it watches, and while it
        # computes, the thread that reads could not tell the time.
        self._read: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._ahead: deque[tuple[float, bytes]] = deque()
        self._at = self.begun
        threading.Thread(target=self._keep_reading, daemon=True).start()

    def _keep_reading(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 1 << 20):
                self._read.put((time.perf_counter(), data))

    def press(self, keys: str) -> float:
        """Send `keys`; return the moment."""
        at = time.perf_counter()
        os.write(self._master, keys.encode())
        return at

    def until(self, shown: str | Callable[[Sequence[str]], bool], patience: float = 30.0) -> float:
        """Wait until a text is on the screen, or its lines are as `shown` wants them; return the moment of the output
        that made them so.
        """

        def is_there() -> bool:
            lines = self.screen.display
            return any(shown in line for line in lines) if isinstance(shown, str) else shown(lines)

        end = time.perf_counter() + patience
        if is_there():
            return self._at
        while self._gather(_SILENCE, end - time.perf_counter()):
            while self._ahead:
                at = self._feed()
                if is_there():
                    return at
        raise TimeoutError(f"{shown!r} never came; the screen says:\n" + "\n".join(self.screen.display))

    def settle(self, quiet: float = 0.3) -> None:
        """Take in what comes until nothing has come for `quiet` seconds."""
        while self._gather(quiet, quiet):
            while self._ahead:
                self._feed()

    def _gather(self, quiet: float, patience: float) -> bool:
        """Wait up to `patience` seconds for output, then until nothing has come for `quiet`; whether there is any."""
        wait = 0.0 if self._ahead else max(0.0, patience)
        with contextlib.suppress(queue.Empty):
            while True:
                self._ahead.append(self._read.get(timeout=wait))
                wait = quiet
        return bool(self._ahead)

    def _feed(self) -> float:
        """Emulate the next piece of output; return its moment."""
        self._at, data = self._ahead.popleft()
        self._stream.feed(data)
        return self._at

    def replay(self, sign: str) -> list[float]:
        """Return when what stands behind `sign` began to be something else, each time it did."""

        def behind(otherwise: str) -> str:
            return next((line[line.index(sign) :][:20] for line in self.screen.display if sign in line), otherwise)

        moments: list[float] = []
        before = behind("")
        while self._gather(0.0, 0.0):
            at = self._feed()
            now = behind(before)
            if now != before:
                moments.append(at)
                before = now
        return moments

    def memory(self) -> float:
        """Return the resident memory in MB of the program and of all that it started (Linux)."""
        pages = 0
        for process in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it may have ended meanwhile
                fields = process.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                pages += int(fields[21]) if int(fields[3]) == self.child.pid else 0  # of its session
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self._master)

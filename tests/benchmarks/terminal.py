"""A program in a pseudo-terminal, and the screen a person would see."""

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
from collections.abc import Mapping, Sequence

import pyte


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
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environ},
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)
        # Read at once and emulate later: the emulator is slower than the program it watches.
        self._read: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
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

    def until(self, text: str, patience: float = 30.0) -> float:
        """Wait until `text` is on the screen; return when the output came that put it there."""
        end = time.perf_counter() + patience
        while (left := end - time.perf_counter()) > 0:
            try:
                at, data = self._read.get(timeout=left)
            except queue.Empty:
                break
            self._stream.feed(data)
            if any(text in line for line in self.screen.display):
                return at
        raise TimeoutError(f"{text!r} never came; the screen says:\n" + "\n".join(self.screen.display))

    def memory(self) -> float:
        """Return the resident memory in MB (Linux)."""
        with open(f"/proc/{self.child.pid}/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self._master)

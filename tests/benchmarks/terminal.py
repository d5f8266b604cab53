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
from collections.abc import Callable, Mapping, Sequence

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

    def until(self, shown: str | Callable[[Sequence[str]], bool], patience: float = 30.0) -> float:
        """Wait until a text is on the screen, or its lines are as `shown` wants them; return the moment of the output
        that made them so.
        """

        def is_there() -> bool:
            lines = self.screen.display
            return any(shown in line for line in lines) if isinstance(shown, str) else shown(lines)

        end = time.perf_counter() + patience
        if is_there():
            return time.perf_counter()
        while (left := end - time.perf_counter()) > 0:
            try:
                at, data = self._read.get(timeout=left)
            except queue.Empty:
                break
            self._stream.feed(data)
            if is_there():
                return at
        raise TimeoutError(f"{shown!r} never came; the screen says:\n" + "\n".join(self.screen.display))

    def settle(self, quiet: float = 0.3) -> None:
        """Take in what comes until nothing has come for `quiet` seconds."""
        while True:
            try:
                _, data = self._read.get(timeout=quiet)
            except queue.Empty:
                return
            self._stream.feed(data)

    def replay(self, sign: str) -> list[float]:
        """Return when what stands behind `sign` began to be something else, each time it did."""

        def behind(otherwise: str) -> str:
            return next((line[line.index(sign) :][:20] for line in self.screen.display if sign in line), otherwise)

        moments: list[float] = []
        before = behind("")
        while not self._read.empty():
            at, data = self._read.get()
            self._stream.feed(data)
            now = behind(before)
            if now != before:
                moments.append(at)
                before = now
        return moments

    def memory(self) -> float:
        """Return the resident memory in MB (Linux)."""
        with open(f"/proc/{self.child.pid}/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self._master)

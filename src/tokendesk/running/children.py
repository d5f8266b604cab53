"""Starting other programs: the one place that does, so that none of them is given our keys."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO

from tokendesk.model.redaction import redact_text

_OURS = "TOKENDESK_"


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a child: without the variables that are for keys, or hold one that is known here."""
    return {
        name: value
        for name, value in given.items()
        if not (name.upper().startswith(_OURS) and "KEY" in name.upper()) and redact_text(value) is value
    }


def output_of(command: Sequence[str], timeout: float) -> tuple[int, bytes]:
    """Run `command` to its end; return its exit code and what it wrote. Raises OSError, subprocess.TimeoutExpired."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=timeout, check=False, env=environment()
    )
    return done.returncode, done.stdout


def feed(command: Sequence[str], content: bytes, timeout: float) -> bool:
    """Run `command` to its end with `content` as its input; return whether that worked."""
    try:
        subprocess.run(
            command, input=content, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout, check=True,
            env=environment(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def let_go(command: Sequence[str]) -> bool:
    """Start `command` and go on; return whether it began."""
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=environment(),
        )  # fmt: skip
    except OSError:
        return False
    # Beside us: a child whose end nobody takes note of stays in the system's table until we end, too.
    threading.Thread(target=child.wait, daemon=True).start()
    return True


class Server:
    """A program that runs beside this one until it is stopped, or this process ends: its input closes then."""

    def __init__(self, command: Sequence[str]) -> None:
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=environment(),
        )  # fmt: skip

    def first_line(self) -> bytes:
        """Return what it says first; empty where it ended without a word."""
        return _pipe(self._child.stdout).readline()

    def complaint(self) -> str:
        """Return the last line of what it said went wrong."""
        said = _pipe(self._child.stderr).read().decode("utf-8", "replace").strip().splitlines()
        return said[-1] if said else ""

    def stop(self, patience: float) -> None:
        _pipe(self._child.stdin).close()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        _pipe(self._child.stdout).close()
        _pipe(self._child.stderr).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - pipes were asked for
    return stream

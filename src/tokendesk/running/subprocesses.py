"""Starts other programs: the only place that does, so that none of them gets our keys."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from tokendesk.model.redaction import redact_text

_PREFIX = "TOKENDESK_"
_NEW_PROCESS_GROUP, _NO_WINDOW = 0x0000_0200, 0x0800_0000
"""Flags of CreateProcess on Windows."""


def child_environment(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a child process, without variables that are for keys or contain a known key."""
    return {
        name: value
        for name, value in inherited.items()
        if not (name.upper().startswith(_PREFIX) and "KEY" in name.upper()) and redact_text(value) is value
    }


def apart_from_terminal(system: str = sys.platform) -> dict[str, Any]:
    """Return the arguments of Popen that keep ctrl+c in this terminal from reaching the child."""
    if system == "win32":
        return {"creationflags": _NEW_PROCESS_GROUP | _NO_WINDOW}
    return {"start_new_session": True}


def run_for_output(command: Sequence[str] | str, timeout: float) -> tuple[int, bytes]:
    """Run `command`; return its exit code and output. Raises OSError, subprocess.TimeoutExpired.

    A text is a command line of Windows, which every program splits by itself.
    """
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
        env=child_environment(),
    )
    return done.returncode, done.stdout


def run_with_input(command: Sequence[str], content: bytes, timeout: float) -> bool:
    """Run `command` with `content` as its input; return whether it succeeded."""
    try:
        subprocess.run(
            command, input=content, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout, check=True,
            env=child_environment(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def start_detached(command: Sequence[str]) -> bool:
    """Start `command` without waiting for it; return whether it started."""
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=child_environment(), **apart_from_terminal(),
        )  # fmt: skip
    except OSError:
        return False
    # In a thread: a child that nobody waits for stays a zombie until this process ends.
    threading.Thread(target=child.wait, daemon=True).start()
    return True


class ServerProcess:
    """A child process that runs until it is stopped or this process ends, which closes its input."""

    def __init__(self, command: Sequence[str]) -> None:
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=child_environment(), **apart_from_terminal(),
        )  # fmt: skip

    def first_line(self) -> bytes:
        """Return the first line of output; empty if there was none."""
        return _pipe(self._child.stdout).readline()

    def last_error_line(self) -> str:
        """Return the last line of its error output."""
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

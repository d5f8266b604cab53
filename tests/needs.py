"""What a test needs of the system it runs on: where that is missing, the test is skipped with the reason."""

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

_is_posix = os.name == "posix"

STATE_VARIABLE = "XDG_STATE_HOME" if _is_posix else "WIN_PD_OVERRIDE_LOCAL_APPDATA"
"""The variable of the environment that says where the folder of locks is."""

needs_terminals = pytest.mark.skipif(not _is_posix, reason="this system has no pseudo-terminals")
needs_modes = pytest.mark.skipif(not _is_posix, reason="this system has no mode bits")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes and devices with names")
needs_signals = pytest.mark.skipif(not _is_posix, reason="this system sends no signals to processes")
needs_shell = pytest.mark.skipif(not _is_posix or not shutil.which("sh"), reason="this system has no POSIX shell")
needs_zones = pytest.mark.skipif(not hasattr(time, "tzset"), reason="a process cannot change its time zone here")


def make_pipe(path: Path) -> None:
    """Make a pipe with a name; where there are none, skip the test that asks for it."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(path)


def is_private(path: Path) -> bool:
    """Return whether only its owner can access `path`; True where modes say nothing about that."""
    return not _is_posix or stat.S_IMODE(path.stat().st_mode) & 0o077 == 0

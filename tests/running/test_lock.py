"""There is one run lock per user of the computer, wherever TMPDIR and TOKENDESK_HOME point."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.needs import STATE_VARIABLE, needs_modes
from tokendesk.errors import Refused
from tokendesk.running.lock import run_lock

WHERE = ("https://api.example.com", "an-organization")
TRY = f"""
from tokendesk.errors import Refused
from tokendesk.running.lock import run_lock
try:
    with run_lock{WHERE!r}:
        print("ran")
except Refused as error:
    print(error)
"""


def tried(**environment: str) -> str:
    """Try to run in another process, with these variables set."""
    done = subprocess.run(
        [sys.executable, "-c", TRY], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_neither_another_home_nor_another_folder_for_temporary_files_lets_two_run(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    elsewhere = {"TMPDIR": str(tmp_path / "tmp"), "TOKENDESK_HOME": str(tmp_path / "home")}
    with run_lock(*WHERE):
        assert "active on this computer (process" in tried(**elsewhere)
    assert tried(**elsewhere) == "ran"


def test_a_run_of_the_version_before_is_waited_for_and_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with run_lock(*WHERE):
        (lock,) = tmp_path.glob("tokendesk-*/run-*.lock")
        with pytest.raises(TimeoutError):
            FileLock(lock).acquire(timeout=0)
    with FileLock(lock), pytest.raises(Refused, match="active on this computer"), run_lock(*WHERE):
        raise AssertionError("two ran at a time")


@needs_modes
def test_the_folder_of_locks_belongs_to_this_user_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    with run_lock(*WHERE):
        assert stat.S_IMODE((tmp_path / "state" / "tokendesk" / "locks").stat().st_mode) == 0o700

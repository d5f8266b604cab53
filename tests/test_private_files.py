"""Files with names and addresses are readable by their owner only, whatever the umask."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.pulled import Command, Office, command, office, pulled
from tests.needs import needs_modes
from tokendesk.paths import open_private
from tokendesk.running.logs import configure_logging

__all__ = ["command", "office", "pulled"]


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest, office: Office) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_what_is_written_outside_our_folders_is_for_its_owner_only(
    umask: None, office: Office, command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    folder.chmod(0o755)
    command("list", "tokens", "-o", str(folder / "rows.csv"))
    command("readiness", "default", "-o", str(folder / "readiness.html"))
    command("desk", "export", str(folder / "desk.jsonl"))
    command("notes", "export", "--format", "csv", "-o", str(folder / "notes.csv"))
    command("move", "users", "ada", "--to", "integr", "--save-plan", str(folder / "plan.json"))
    command("snapshot", "save", str(folder / "snapshot.sqlite"))
    command("letters", "is:in-use", "--to", str(folder))
    command("letters", "is:in-use", "--format", "csv", "--to", str(folder))
    found = list(folder.iterdir())
    assert len(found) > 8
    assert {path.name: oct(mode(path)) for path in found if mode(path) != 0o600} == {}


def test_a_file_that_is_there_keeps_its_mode(office: Office, command: Command, tmp_path: Path) -> None:
    shared = tmp_path / "shared.csv"
    shared.write_text("yesterday", "utf-8")
    shared.chmod(0o640)
    command("list", "tokens", "-o", str(shared))
    assert mode(shared) == 0o640
    assert "yesterday" not in shared.read_text("utf-8")
    with pytest.raises(FileExistsError):
        open_private(shared, must_be_new=True)


@needs_modes
def test_a_log_is_for_its_owner_only_after_it_was_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("tokendesk")
    monkeypatch.setattr(logger, "handlers", [])
    before = os.umask(0)
    try:
        configure_logging(tmp_path / "tokendesk.log")
        for _ in range(3):
            logger.warning("%s", "x" * 700_000)
        logger.warning("a word of a server: %s", "\x1b]2;title\x07")
        for handler in logger.handlers:
            handler.close()
    finally:
        os.umask(before)
    found = sorted(tmp_path.glob("tokendesk.log*"))
    assert len(found) == 2
    assert [oct(mode(path)) for path in found] == ["0o600", "0o600"]
    assert "\x1b" not in (tmp_path / "tokendesk.log").read_text("utf-8")

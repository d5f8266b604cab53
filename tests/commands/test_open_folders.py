"""Folders with open permissions are closed when the program writes to them."""

import os
import stat
import tarfile
from pathlib import Path

import pytest

from tokendesk.cli import main

KEPT = Path(__file__).parents[1] / "earlier" / "home-0.1.tar.xz"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home as 0.1 left it, and as many as could be let in."""
    home = tmp_path / "shared" / "home"
    with tarfile.open(KEPT) as kept:
        kept.extractall(home, filter="data")
    for folder in (home.parent, home, *(path for path in home.iterdir() if path.is_dir())):
        folder.chmod(0o777)
    monkeypatch.setenv("TOKENDESK_HOME", str(home))
    return home


def profiles(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.is_dir() and (path / "desk.sqlite").exists()]


def test_a_home_of_0_1_is_closed_to_others_once_something_is_written_there(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (profile,) = profiles(home)
    assert main(["list", "tokens"]) == 0  # which brings the desk to the present format
    for folder in (home, profile):
        folder.chmod(0o777)
    assert main(["list", "tokens"]) == 0
    assert (mode(home), mode(profile)) == (0o777, 0o777)  # reading changes nothing
    assert main(["note", "decision:undecided", "--purpose", "builds"]) == 0
    assert (mode(home), mode(profile)) == (0o700, 0o700)
    assert mode(home.parent) == 0o777  # which is no folder of ours
    assert "others" not in capsys.readouterr().err


def test_check_names_a_folder_that_cannot_be_closed_to_others(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.chmod(0o1777)  # as /tmp is: it is there for others too
    main(["check"])
    said = capsys.readouterr().out
    assert f"other users can read {home}, and its permissions could not be changed" in said
    assert mode(home) == 0o1777
    home.chmod(0o755)
    main(["check"])
    assert "other users can read" not in capsys.readouterr().out
    assert mode(home) == 0o700


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_stays_as_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chown(home, 12345, -1)
    assert main(["note", "decision:undecided", "--purpose", "builds"]) == 0
    assert mode(home) == 0o777
    main(["check"])
    assert f"other users can read {home}" in capsys.readouterr().out

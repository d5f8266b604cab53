"""Something else in place of one of the program's files: one sentence with the next step, from the command line."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import make_pipe
from tests.practice import organization, practice, pulled_home
from tokendesk.cli import main
from tokendesk.current_snapshot import current_snapshot
from tokendesk.desk.entries import Desk
from tokendesk.errors import UsageError
from tokendesk.running.access import ApiAccess

USERS, TOKENS = 60, 12
READING = ("list", "tokens")
WRITING = ("note", "*", "--purpose", "kept")
PULLING = ("pull", "--tokens")


@pytest.fixture(scope="module")
def served() -> Iterator[ApiAccess]:
    with practice(organization(USERS, TOKENS)) as access:
        yield access


@pytest.fixture
def home(tmp_path: Path, served: ApiAccess, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("TOKENDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOKENDESK_API_URL", served.api_url)
    monkeypatch.setenv("TOKENDESK_ORG_ID", served.org_id)
    monkeypatch.setenv("TOKENDESK_API_KEY", served.key.reveal())
    pulled_home(tmp_path / "home", USERS, TOKENS)
    return tmp_path / "home" / "demo"


def link_to_a_lost_disk(path: Path) -> None:
    path.symlink_to(path.parent / "disk" / path.name)


def link_to_a_lost_file(path: Path) -> None:
    path.symlink_to(path.with_name(f"lost-{path.name}"))


def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path)


def link_with_a_long_name(path: Path) -> None:
    path.symlink_to("x" * 300)


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    make_pipe(path)


WAYS = [
    (link_to_a_lost_disk, "Connect the disk"),
    (link_to_a_lost_file, "which does not exist"),
    (link_in_a_circle, "Correct its name or its link"),
    (link_with_a_long_name, "Correct its name or its link"),
    (folder, "is a folder. Move it away"),
    (pipe, "is not a regular file. Move it away"),
]


def put(path: Path, make: Callable[[Path], None]) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    make(path)


def sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["--profile", "demo", *arguments]) == 2
    text = capsys.readouterr().err.split("\r")[-1]
    last = text.splitlines()[-1]
    assert last.startswith("tokendesk: "), text
    assert "Traceback" not in text
    assert "[Errno" not in text
    return last


@pytest.mark.parametrize("name", ["desk", "history"])
@pytest.mark.parametrize(("make", "word"), WAYS)
def test_in_place_of_the_desk_or_the_history(
    name: str, make: Callable[[Path], None], word: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / f"{name}.sqlite"
    put(path, make)
    before = sorted(home.iterdir())
    for arguments in (READING, WRITING, PULLING):
        text = sentence(capsys, *arguments)
        assert word in text
        assert f"The {name} {path}" in text
    assert [each for each in sorted(home.iterdir()) if each.suffix == ".new" or each.name.startswith("lost-")] == []
    assert set(before) <= set(home.iterdir())


@pytest.mark.parametrize("make", [folder, pipe])
def test_in_place_of_the_snapshot(make: Callable[[Path], None], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(current_snapshot(home), make)
    for arguments in (READING, PULLING):
        assert "move it away and pull again" in sentence(capsys, *arguments)


@pytest.mark.parametrize("make", [link_to_a_lost_file, link_in_a_circle, pipe])
def test_in_place_of_the_name_of_the_snapshot(
    make: Callable[[Path], None], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(home / "snapshots" / "current", make)
    for arguments in (READING, PULLING):
        assert main(["--profile", "demo", *arguments]) == 0
    assert current_snapshot(home).stem == (home / "snapshots" / "current").read_text("ascii").strip()


def test_a_folder_in_place_of_the_name_of_the_snapshot(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(home / "snapshots" / "current", folder)
    assert main(["--profile", "demo", *READING]) == 0
    assert "current is a folder. The old snapshot is unchanged; move it away" in sentence(capsys, *PULLING)


def test_in_place_of_the_folder_of_snapshots(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(home / "snapshots")
    put(home / "snapshots", pipe)
    assert "There is no snapshot yet" in sentence(capsys, *READING)
    assert "Cannot create the folder" in sentence(capsys, *PULLING)


@pytest.mark.parametrize("make", [link_in_a_circle, folder])
def test_in_place_of_the_lock(make: Callable[[Path], None], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(home / "pull.lock", make)
    text = sentence(capsys, *PULLING)
    assert f"{home / 'pull.lock'} cannot be locked" in text
    assert "Move it away" in text


def test_a_pipe_in_place_of_the_holder_or_the_log_is_not_waited_for(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home / "pull.holder", pipe)
    assert "pull.holder cannot be written" in sentence(capsys, *PULLING)
    put(home.parent / "tokendesk.log", pipe)
    monkeypatch.setattr(logging.getLogger("tokendesk"), "handlers", [])  # as in a new process
    assert main(["--profile", "demo", *PULLING]) == 0


def test_settings_on_a_lost_disk_are_not_taken_for_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(home.parent / "config.toml", link_to_a_lost_disk)
    for arguments in (READING, WRITING, PULLING):
        assert "Connect the disk" in sentence(capsys, *arguments)


@pytest.mark.parametrize("make", [link_to_a_lost_disk, link_in_a_circle, pipe])
def test_in_place_of_the_folder_of_a_pull(
    make: Callable[[Path], None], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(home / "pull", make)
    for arguments in (PULLING, ("pull",)):
        assert "Move it away" in sentence(capsys, *arguments)


def test_a_folder_in_place_of_what_a_pull_left(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, arguments in (("quick.sqlite", PULLING), ("work.sqlite", ("pull",))):
        (home / "pull" / name).mkdir(parents=True)
        assert f"{name} cannot be removed" in sentence(capsys, *arguments)


def test_a_desk_that_cannot_be_created_says_so(tmp_path: Path) -> None:
    # The name of the desk is as long as the system allows, and that of the file it is made in is longer.
    with pytest.raises(UsageError, match=r"^The desk .* cannot be created: File name too long\. Free"):
        Desk(tmp_path / ("x" * 255))

"""Each pull makes a file of its own, and `snapshots/current` names the one that counts."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.practice import NOW, organization, practice, pull_quietly, pulled_home, settings_in
from tokendesk.cli import main
from tokendesk.config import Settings
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import Refused, UsageError
from tokendesk.paths import refuse_own_files
from tokendesk.running.access import ApiAccess
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.file import snapshot_info
from tokendesk.snapshot.make_current import make_current
from tokendesk.snapshot.work_file import WorkFile
from tokendesk.tui.store import SnapshotStore
from tokendesk.views.reader import Reader


@pytest.fixture
def access() -> Iterator[ApiAccess]:
    with practice(organization(120, 30)) as served:
        yield served


@pytest.fixture
def pulled(tmp_path: Path) -> Settings:
    return pulled_home(tmp_path / "home", 120, 30)


def files(cache: Path) -> set[Path]:
    return {
        path for path in cache.rglob("*.sqlite") if path.name == "snapshot.sqlite" or path.parent.name == "snapshots"
    }


def counted(reader: Reader) -> int:
    return reader.count(reader.panes["tokens"])


async def test_the_current_one_and_the_one_before_stay(pulled: Settings, access: ApiAccess) -> None:
    paths = pulled.paths
    first = paths.snapshot
    await pull_quietly(pulled, access)
    second = paths.snapshot
    await pull_quietly(pulled, access)
    assert len({first, second, paths.snapshot}) == 3
    assert files(paths.cache) == {second, paths.snapshot}


async def test_an_open_snapshot_is_neither_replaced_nor_changed_by_a_pull(pulled: Settings, access: ApiAccess) -> None:
    before = pulled.paths.snapshot.read_bytes()
    with Reader(pulled.paths, pulled.thresholds) as reader:
        opened = reader.paths.snapshot
        await pull_quietly(pulled, access)
        assert opened != pulled.paths.snapshot
        assert opened.read_bytes() == before
        assert reader.paths.snapshot == opened
        assert counted(reader) == 30


async def test_all_connections_of_the_screens_stay_with_one_snapshot(pulled: Settings, access: ApiAccess) -> None:
    store = SnapshotStore(pulled.paths, pulled.thresholds)
    before = store.ui_reader.info
    await pull_quietly(pulled, access)
    assert await store.query(lambda reader: reader.info) == before
    await store.reopen()
    assert await store.query(lambda reader: reader.info) == snapshot_info(pulled.paths.snapshot)
    store.close()


async def test_a_snapshot_of_0_1_is_read_where_it_is_until_the_next_pull(pulled: Settings, access: ApiAccess) -> None:
    paths = pulled.paths
    old = paths.cache / "snapshot.sqlite"
    shutil.move(paths.snapshot, old)
    shutil.rmtree(paths.cache / "snapshots")
    assert paths.snapshot == old
    with Reader(paths, pulled.thresholds) as reader:
        assert counted(reader) == 30
    await pull_quietly(pulled, access)
    new = paths.snapshot
    assert files(paths.cache) == {old, new}
    await pull_quietly(pulled, access)
    assert files(paths.cache) == {new, paths.snapshot}


@pytest.mark.parametrize("is_late", [False, True])
def test_a_snapshot_that_two_pulls_removed_before_it_was_opened_is_not_taken_for_none(
    is_late: bool, pulled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right before it is asked whether it exists, or right after."""
    named, cache = pulled.paths.snapshot, pulled.paths.cache
    stat = Path.stat

    def pull_when_asked(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = stat(self, follow_symlinks=follow_symlinks)
        if self == named:
            monkeypatch.undo()
            for name in ("second", "third"):
                draft = cache / "snapshots" / f".{name}.unfinished"
                shutil.copy(current_snapshot(cache), draft)
                make_current(draft, cache, name)
            assert named not in files(cache)
        return found if is_late else stat(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", pull_when_asked)
    with Reader(pulled.paths, pulled.thresholds) as reader:
        assert reader.paths.snapshot.name == "third.sqlite"
        assert counted(reader) == 30


def a_folder(path: Path) -> None:
    path.mkdir()


def nothing(path: Path) -> None:
    pass


def text(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    "make",
    [
        nothing,
        a_folder,
        *map(text, (b"", b"../../../etc/passwd", b"a" * 100_000, b"\xff\xfe", b"\x1b]0;x\x07", b"a/b")),
    ],
)
def test_what_names_no_snapshot_is_passed_over(make: Callable[[Path], object], pulled: Settings) -> None:
    latest = pulled.paths.snapshot
    pointer = latest.with_name("current")
    pointer.unlink()
    make(pointer)
    assert pulled.paths.snapshot == latest


def test_a_name_without_its_snapshot_is_no_snapshot(
    pulled: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.paths.snapshot.unlink()
    monkeypatch.setenv("TOKENDESK_HOME", str(pulled.paths.config_file.parent))
    for command in (["list", "tokens"], ["snapshot", "info"], ["snapshot", "save", "saved.sqlite"]):
        assert main(["--profile", "demo", *command]) == 2
        assert "There is no snapshot yet" in capsys.readouterr().err


async def test_a_folder_in_place_of_the_name_is_named(pulled: Settings, access: ApiAccess) -> None:
    before = pulled.paths.snapshot
    pointer = before.with_name("current")
    pointer.unlink()
    pointer.mkdir()
    left = set(before.parent.iterdir())
    with pytest.raises(UsageError, match=r"current is a folder\. The old snapshot is unchanged; move it away"):
        await pull_quietly(pulled, access)
    assert set(before.parent.iterdir()) == left
    assert pulled.paths.snapshot == before


def test_what_is_no_snapshot_is_not_saved(pulled: Settings, tmp_path: Path) -> None:
    pulled.paths.snapshot.write_bytes(b"x")
    with pytest.raises(UsageError, match="is not a tokendesk snapshot"):
        save_snapshot(pulled.paths, tmp_path / "saved.sqlite", with_notes=False, at=NOW)
    assert not list(tmp_path.glob("*saved*"))


def refusing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Refuse as often to replace the file `current`, as Windows does while another program has it open."""
    replace, refused = Path.replace, list[Path]()

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "current" and len(refused) < times:
            refused.append(target)
            raise PermissionError(13, "Access is denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr("tokendesk.current_snapshot._PAUSE", 0)
    return refused


async def test_a_name_that_is_open_for_a_moment_is_replaced_after_it(
    pulled: Settings, access: ApiAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, before = refusing(monkeypatch, 3), pulled.paths.snapshot
    await pull_quietly(pulled, access)
    assert len(refused) == 3
    assert pulled.paths.snapshot != before


async def test_a_name_that_cannot_be_replaced_leaves_everything_as_it_was(
    pulled: Settings, access: ApiAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, 1_000_000)
    before = pulled.paths.snapshot
    listed = sorted(before.parent.iterdir())
    with pytest.raises(UsageError, match="The old one is unchanged"):
        await pull_quietly(pulled, access)
    assert pulled.paths.snapshot == before
    assert sorted(before.parent.iterdir()) == listed


def test_one_that_cannot_be_removed_stays_and_goes_later(pulled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = pulled.paths.cache
    stubborn = pulled.paths.snapshot
    unlink = Path.unlink

    def refuse(self: Path, missing_ok: bool = False) -> None:
        if self == stubborn:
            raise PermissionError(13, "The process cannot access the file")
        unlink(self, missing_ok)

    def pulled_again(name: str) -> None:
        draft = cache / "snapshots" / f".{name}.unfinished"
        shutil.copy(stubborn, draft)
        make_current(draft, cache, name)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        pulled_again("second")
        pulled_again("third")
        assert files(cache) == {stubborn, current_snapshot(cache), stubborn.with_name("second.sqlite")}
    pulled_again("fourth")
    assert files(cache) == {current_snapshot(cache), stubborn.with_name("third.sqlite")}


_KILLED = """
import os, sys
from pathlib import Path
from tests.practice import organization, practice
from tests.snapshot.broken_off import pull_into
replace = Path.replace
def replace_or_die(self, target):
    if target.name == "current":
        os._exit(9)
    return replace(self, target)
Path.replace = replace_or_die
with practice(organization(120, 30)) as access:
    pull_into(Path(sys.argv[1]), access)
"""


async def test_a_pull_killed_before_its_snapshot_is_named_leaves_nothing(pulled: Settings, access: ApiAccess) -> None:
    paths, before = pulled.paths, pulled.paths.snapshot
    home, path = str(paths.config_file.parent), os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, home, env={**os.environ, "PYTHONPATH": path}
    )
    assert await killed.wait() == 9
    assert paths.snapshot == before
    assert len(list(before.parent.glob("*.unfinished"))) == len(list(before.parent.glob(".current-*"))) == 1
    await pull_quietly(pulled, access)
    folder = before.parent
    assert set(folder.iterdir()) == {before, paths.snapshot, folder / "current"}
    with closing(sqlite3.connect(paths.history)) as db:
        ids = {row[0] for row in db.execute("SELECT pull_id FROM completed")}
    assert ids == {snapshot_info(each).pull_id for each in (before, paths.snapshot)}


async def test_a_full_pull_removes_what_a_killed_quick_one_left(pulled: Settings, access: ApiAccess) -> None:
    quick = pulled.paths.quick_work
    WorkFile(quick).close()
    quick.with_name(f"{quick.name}.0123abcd.new").touch()
    await pull_quietly(pulled, access)
    assert not quick.parent.exists()


def test_a_draft_that_cannot_be_begun_is_removed(pulled: Settings, tmp_path: Path) -> None:
    left = set(pulled.paths.snapshot.parent.iterdir())
    work = tmp_path / "work.sqlite"
    work.write_text("not a database " * 100)
    with pytest.raises(UsageError, match="cannot be written: file is not a database"):
        SnapshotBuilder(pulled.paths.cache, work)
    assert set(pulled.paths.snapshot.parent.iterdir()) == left


def test_nothing_is_written_among_the_snapshots(pulled: Settings) -> None:
    for name in ("current", "new.csv", pulled.paths.snapshot.name):
        with pytest.raises(Refused, match="one of tokendesk's own files"):
            refuse_own_files(pulled.paths, pulled.paths.snapshot.with_name(name))


def test_another_profile_has_snapshots_of_its_own(pulled: Settings) -> None:
    other = settings_in(pulled.paths.config_file.parent, "other")
    assert not other.paths.snapshot.exists()

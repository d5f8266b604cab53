"""Each pull makes a file of its own, and `snapshots/current` names the one that counts."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.practice import organization, practice, pull_quietly, pulled_home, settings_in
from tokendesk.cli import main
from tokendesk.config import Settings
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import Refused, UsageError
from tokendesk.paths import refuse_own_files
from tokendesk.running.access import ApiAccess
from tokendesk.snapshot.file import snapshot_info
from tokendesk.snapshot.make_current import make_current
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
    assert main(["--profile", "demo", "list", "tokens"]) == 2
    assert "There is no snapshot yet" in capsys.readouterr().err


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


def test_nothing_is_written_among_the_snapshots(pulled: Settings) -> None:
    for name in ("current", "new.csv", pulled.paths.snapshot.name):
        with pytest.raises(Refused, match="one of tokendesk's own files"):
            refuse_own_files(pulled.paths, pulled.paths.snapshot.with_name(name))


def test_another_profile_has_snapshots_of_its_own(pulled: Settings) -> None:
    other = settings_in(pulled.paths.config_file.parent, "other")
    assert not other.paths.snapshot.exists()

"""Views only read: each connection refuses to write, and every file stays unchanged."""

import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice import NOW, pulled_home
from tokendesk.config import load_settings
from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.running.migration import open_reader
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.views.connection import OlderFormat
from tokendesk.views.reader import Reader
from tokendesk.views.saved_snapshot import open_saved_snapshot

EARLIER = Path(__file__).parent.parent / "earlier" / "home-0.1.tar.xz"
TABLES = {"main": "meta", "desk": "entry", "history": "pull"}
_HEARD: list[list[str]] = []
"""Who wants to know of connections."""


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if not _HEARD or event != "sqlite3.connect":
        return
    frame = sys._getframe()
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").startswith("tokendesk.views."):
            _HEARD[0].append(str(arguments[0]))
            return
        frame = frame.f_back


sys.addaudithook(_note)


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """What was connected to, by views or by what they called."""
    _HEARD.append([])
    yield _HEARD[0]
    _HEARD.clear()


def written(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, without those that SQLite keeps beside a file while somebody reads it."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path): path.read_bytes() for path in files}


def paths_of(kind: str, home: Path) -> ProfilePaths:
    if kind == "nothing":
        return load_settings().paths
    settings = pulled_home(home, 60, 12)
    if kind == "profile":
        return settings.paths
    file = home / "saved.tkd"
    save_snapshot(settings.paths, file, with_notes=True, at=NOW)
    return open_saved_snapshot(settings.paths, file)


@pytest.mark.parametrize("kind", ["nothing", "profile", "saved file"])
def test_every_file_that_is_read_refuses_to_be_written(
    kind: str, tmp_path: Path, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    paths = paths_of(kind, tmp_path)
    before = written(tmp_path)
    connections.clear()
    with Reader(paths, Thresholds()) as reader:
        files = [row["name"] for row in reader.db.execute("PRAGMA database_list") if row["file"]]
        assert len(files) == (0 if kind == "nothing" else 3)
        for name in files:
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.db.execute(f"DELETE FROM {name}.{TABLES[name]}")
    assert connections
    assert [each for each in connections if each != ":memory:" and "mode=ro" not in each] == []
    assert written(tmp_path) == before


def test_a_home_of_an_earlier_version_is_left_as_it_is_until_it_is_migrated(
    tmp_path: Path, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(EARLIER) as kept:
        kept.extractall(tmp_path, filter="data")
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    settings = load_settings()
    before = written(tmp_path)
    with pytest.raises(OlderFormat, match="older format"):
        Reader(settings.paths, settings.thresholds)
    assert all(each == ":memory:" or "mode=ro" in each for each in connections)
    assert written(tmp_path) == before
    with open_reader(settings.paths, settings.thresholds) as reader:
        assert reader.db.execute("SELECT count(*) FROM desk.note").fetchone()[0] == 5
    assert settings.paths.desk.with_name("desk.sqlite.format-2").exists()

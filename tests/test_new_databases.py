"""A new database is whole, or it is not there."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tokendesk.errors import UsageError
from tokendesk.sqlite import open_database

SCRIPT = "CREATE TABLE note (text TEXT);\nINSERT INTO note VALUES ('kept');\n"
APPLICATION_ID = 77


def test_a_new_file_has_its_content_and_a_journal_for_readers_beside_a_writer(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "new.sqlite", APPLICATION_ID, 1, SCRIPT, "desk")) as db:
        assert db.execute("SELECT text FROM note").fetchall() == [("kept",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_content_that_cannot_reach_the_file_itself_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that becomes full when the journal is to be written back: here somebody reads at that moment."""
    connect = sqlite3.connect
    readers: list[sqlite3.Connection] = []

    class Hindered(sqlite3.Connection):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if sql == "COMMIT":
                (name,) = [row[2] for row in super().execute("PRAGMA database_list")]
                readers.append(connect(name, isolation_level=None))
                readers[0].execute("BEGIN")
                readers[0].execute("SELECT * FROM sqlite_master").fetchall()
            return super().execute(sql, *arguments)

    def hindered(name: Path, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(name, **{"timeout": 0, "factory": Hindered, **options})
        return made

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", hindered)
        with pytest.raises(UsageError, match="cannot be created"):
            open_database(tmp_path / "new.sqlite", APPLICATION_ID, 1, SCRIPT, "desk")
    readers[0].close()
    assert not list(tmp_path.glob("new.sqlite*"))
    with closing(open_database(tmp_path / "new.sqlite", APPLICATION_ID, 1, SCRIPT, "desk")) as db:
        assert db.execute("SELECT text FROM note").fetchall() == [("kept",)]

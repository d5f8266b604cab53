"""A desk or history locked by another program is reported as in use, without advice on permissions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.practice import pulled_home
from tokendesk import sqlite
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.errors import Refused
from tokendesk.history.writing import open_history
from tokendesk.model.findings import Thresholds
from tokendesk.views import connection
from tokendesk.views.reader import Reader


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for module in (sqlite, connection):
        monkeypatch.setattr(module, "BUSY_SECONDS", 0.0)
    return pulled_home(tmp_path, 120, 30)


@pytest.fixture(params=["desk", "history"])
def held(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """Hold a file as a program does that writes alone."""
    path = {"desk": settings.paths.desk, "history": settings.paths.history}[request.param]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        yield request.param


def test_a_held_file_is_said_to_be_in_use_where_it_is_written(held: str, settings: Settings) -> None:
    with pytest.raises(Refused, match="is in use by another"):
        if held == "desk":
            Desk(settings.paths.desk)
        else:
            with open_history(settings.paths.history):
                pass


def test_a_held_file_is_said_to_be_in_use_where_it_is_read(held: str, settings: Settings) -> None:
    with pytest.raises(Refused, match=f"The {held} .* is in use by another"):
        Reader(settings.paths, Thresholds())

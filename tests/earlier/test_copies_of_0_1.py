"""The backup before a migration is complete, even if a file with its name exists."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.database import database
from tests.earlier.tables import contents
from tests.needs import is_private
from tokendesk.desk.entries import Desk

HALF = 40_000


@pytest.mark.parametrize("there", [0, 100, HALF])
def test_a_copy_that_broke_off_is_made_again(home: Path, there: int) -> None:
    path = home / "default" / "desk.sqlite"
    copy = path.with_name("desk.sqlite.format-2")
    before = contents(path)
    whole = path.read_bytes()
    assert len(whole) > HALF
    copy.write_bytes(whole[:there])
    copy.with_name(f"{copy.name}.new").write_bytes(whole[:there])
    with Desk(path):
        pass
    assert contents(copy) == before
    assert is_private(copy)
    assert not copy.with_name(f"{copy.name}.new").exists()


def test_a_whole_copy_is_left_as_it_is(home: Path) -> None:
    path = home / "default" / "desk.sqlite"
    copy = path.with_name("desk.sqlite.format-2")
    shutil.copy(path, copy)
    with database(copy) as db:
        db.execute("DELETE FROM note")
    with Desk(path):
        pass
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM note").fetchone() == (0,)

"""A value that the database refuses to read is one sentence for every command."""

import sqlite3
from pathlib import Path

import pytest

from tests.practice import NOW, pulled_home
from tokendesk.errors import UsageError
from tokendesk.views.reader import Reader


def test_a_query_that_the_database_refuses_is_said_in_one_sentence(tmp_path: Path) -> None:
    settings = pulled_home(tmp_path, 20, 5)
    with pytest.raises(UsageError, match="cannot be read"), Reader(settings.paths, settings.thresholds) as reader:
        reader.db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100)
        reader.window(reader.panes["tokens"], [1], int(NOW.timestamp()))

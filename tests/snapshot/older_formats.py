"""Sets a snapshot back to an older format, as an older version would have written it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.database import database
from tokendesk.snapshot.file import ACCESS, INDEXES_OF_4, TABLES_OF_4, snapshot_schema


def set_back(path: Path, version: int) -> None:
    """Make the snapshot at `path` one of format 2 or 3."""
    with closing(sqlite3.connect(":memory:")) as older:
        older.executescript(snapshot_schema(version))
        (statement,) = older.execute("SELECT sql FROM sqlite_master WHERE name = 'user'").fetchone()
    with database(path) as db:
        for index in INDEXES_OF_4:
            db.execute(f"DROP INDEX {index}")
        for table in TABLES_OF_4:
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM meta WHERE name LIKE 'credential%'")
        for column in (*ACCESS, *(("read_at",) if version < 3 else ())):
            db.execute(f"ALTER TABLE user DROP COLUMN {column}")
        if version < 3:
            db.execute("DELETE FROM meta WHERE name = 'tokens_read_at'")
        db.execute("PRAGMA writable_schema = ON")  # the statement as it was, to the line break
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'user'", (statement,))
        db.execute(f"PRAGMA user_version = {version}")

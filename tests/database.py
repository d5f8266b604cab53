"""Opens a file of tokendesk with SQLite, to inspect or damage it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def database(path: Path | str, *, uri: bool = False) -> Iterator[sqlite3.Connection]:
    """What is done in the block is committed at its end, and the connection closed."""
    with closing(sqlite3.connect(path, uri=uri)) as db, db:
        yield db

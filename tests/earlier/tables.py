"""Reads the content of a desk, table by table."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.database import database

NOTES = ("entry", "field", "note", "note_tag", "policy_fact", "goal")
TABLES = (*NOTES, "run", "run_row", "run_batch", "moved", "revoked")


def contents(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each table, of each the values that are there: a later format may have more columns."""
    with database(path) as db:
        return {table: sorted(_rows(db, table), key=repr) for table in TABLES}


def _rows(db: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    found = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in found.description]
    for row in found:
        yield {name: value for name, value in zip(names, row, strict=True) if value is not None}

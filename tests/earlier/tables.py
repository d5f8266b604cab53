"""Reads the content of a desk, table by table."""

from pathlib import Path

from tests.database import database

NOTES = ("entry", "field", "note", "note_tag", "policy_fact", "goal")
TABLES = (*NOTES, "run", "run_row", "run_batch", "moved", "revoked")


def contents(path: Path) -> dict[str, list[object]]:
    with database(path) as db:
        return {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in TABLES}

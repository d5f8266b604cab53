"""Puts odd values into the cells of a snapshot."""

import json
import random
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tests.fuzz.mutating import ODD, mutated_json

_ODD: tuple[Any, ...] = (
    *(value for value in ODD if value is None or isinstance(value, str | int | float)),
    "x",
    b"",
    b"\xff\0",
    9 * 10**18,
    -(2**63),
    2**33,
    float("inf"),
    "[]",
    "{}",
    "[" * 70 + "]" * 70,
    "[" * 5_000 + "]" * 5_000,
    '{"a": ' * 500 + "1" + "}" * 500,
    '{"a": ' + "9" * 5_000 + "}",
    '["\\ud800"]',
    '{"\\u0000": "\\u001b[2J"}',
    '["", "a"]',
    "[1]",
    "[null]",
    "NaN",
    "2026-11-23",
    "2026-11-23T09:00:00.000000Z",
    "9999-12-31T23:59:59-23:59",
    "1790000000",
    "keep",
    "3.2",
    "2.2",
    "99.99",
)
_OURS = """
SELECT rowid, name, sql FROM sqlite_master WHERE sql LIKE 'CREATE TABLE %' AND NOT name GLOB 'sqlite_*'
    AND NOT name GLOB '*_search_*'
"""
_TYPES = re.compile(r" (?:NOT NULL|TEXT|INTEGER(?! PRIMARY)|REAL)\b")


def change_cells(path: Path, dice: random.Random) -> None:
    """Put odd values into cells of `path`, also those that SQLite converts or refuses in columns of these types."""
    with _open(path) as db:
        kept = {name: (sql, rowid) for rowid, name, sql in db.execute(_OURS)}
        if dice.random() < 0.5:
            _write_schema(db, [(_TYPES.sub("", sql), rowid) for sql, rowid in kept.values()])
    with _open(path) as db:
        filled = [table for table in kept if db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()]
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            _change_cell(db, dice.choice(filled), filled, dice)
    with _open(path) as db:
        _write_schema(db, list(kept.values()))


def _open(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, isolation_level=None))


def _write_schema(db: sqlite3.Connection, tables: list[tuple[str, int]]) -> None:
    db.execute("PRAGMA writable_schema = ON")
    db.executemany("UPDATE sqlite_master SET sql = ? WHERE rowid = ?", tables)


def _change_cell(db: sqlite3.Connection, table: str, tables: list[str], dice: random.Random) -> None:
    columns = [(row[1], row[2], row[5]) for row in db.execute(f"PRAGMA table_info({table})")]
    column = dice.choice(columns)[0]
    count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    if not count:
        return
    key = ", ".join(name for name, _, is_key in columns if is_key) or "rowid"
    row = f"({key}) IN (SELECT {key} FROM {table} LIMIT 1 OFFSET {dice.randrange(min(count, 20))})"
    where = dice.choice(("1", row))
    if dice.random() < 0.1:
        db.execute(f"DELETE FROM {table} WHERE {where}")
        return
    value, sql = _odd_value(db, table, column, tables, dice), "?"
    if isinstance(value, bytes):
        sql = dice.choice(("?", "CAST(? AS TEXT)"))
    with suppress(sqlite3.IntegrityError):
        db.execute(f"UPDATE OR IGNORE {table} SET {column} = {sql} WHERE {where}", (value,))


def _odd_value(db: sqlite3.Connection, table: str, column: str, tables: list[str], dice: random.Random) -> Any:
    """Return an odd value, a value of another cell, or the value of the cell with something odd in it."""
    deed = dice.random()
    if deed < 0.5:
        value = dice.choice(_ODD)
    else:
        other = table if deed < 0.7 else dice.choice(tables)
        names = [column] if deed < 0.7 else [row[1] for row in db.execute(f"PRAGMA table_info({other})")]
        db.text_factory = bytes
        found = db.execute(f"SELECT {dice.choice(names)} FROM {other} LIMIT 20").fetchall()
        db.text_factory = str
        value = dice.choice(found)[0] if found else None
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
            if value[:1] in ("{", "["):
                value = _mutated(value, dice)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value) if abs(value) < 10**30 else "9" * 400
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _mutated(text: str, dice: random.Random) -> str:
    try:
        return mutated_json(json.loads(text), dice).decode("utf-8", "replace")
    except (ValueError, RecursionError):
        return text

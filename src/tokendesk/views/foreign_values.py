"""Checks the values of a snapshot from elsewhere: SQLite stores anything in any column, but we expect its type."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tokendesk.json_bounds import check_json
from tokendesk.model.bounds import JSON_DEPTH, JSON_MEMBERS, SNAPSHOT_VALUE_BYTES
from tokendesk.model.credential_kinds import CREDENTIAL_KINDS

_CLASSES = {"INTEGER": "'integer'", "REAL": "'real', 'integer'", "TEXT": "'text'"}
"""By a column's type: the types of values in it. SQLite's own tables have columns of other types."""
_NAMED = {"INTEGER": "a whole number", "REAL": "a number", "TEXT": "text"}

_IS_NUMBER = "CAST(CAST({0} AS INTEGER) AS TEXT) IS {0}"
_RULES = {
    "meta": (("value", "typeof(value) = 'null'", "is missing"),),
    "user": (("org_admin", "org_admin NOT IN (0, 1)", "is not 0 or 1"),),
    "credential": (("kind", f"kind NOT IN {CREDENTIAL_KINDS}", "is not known"),),
    "change": tuple(
        (column, f"kind IN ({kinds}) AND {column} != '' AND NOT {_IS_NUMBER.format(column)}", "is not a time")
        for column, kinds in (("before", "'reappeared', 'used-again'"), ("after", "'used-again'"))
    ),
}
"""By table: column, when a value of the right type is wrong all the same, and why."""


class _Json(NamedTuple):
    """Values that are read as JSON: SQL for the value or NULL, and whether it is an object or a list of texts."""

    column: str
    sql: str
    is_object: bool

    @property
    def named(self) -> str:
        return "an object" if self.is_object else "a list of texts"


def _texts(column: str) -> _Json:
    return _Json(column, f"nullif({column}, '')", False)


def _object(column: str) -> _Json:
    return _Json(column, column, True)


_SCOPES = "CASE WHEN kind = 'scopes' THEN nullif({}, '') END"
_JSON = {
    "user": (
        *(_Json(column, column, False) for column in ("roles", "products", "groups")),
        _object("product_uses"),
        _object("extra"),
    ),
    "token": (_Json("scopes", "scopes", False), _object("extra")),
    "credential": (_Json("scopes", "scopes", False), _object("extra")),
    "entry": (_object("payload"),),
    "dated": (_texts("over"),),
    "change": tuple(_Json(column, _SCOPES.format(column), False) for column in ("before", "after")),
}
_DIGITS = 4_300
"""Python refuses to read longer numbers."""
_LONG_NUMBER = re.compile(rb"(?<![0-9])[0-9]{%d}" % _DIGITS)


def check_values(db: sqlite3.Connection, tables: Iterable[str], *, long_rows: bool) -> None:
    """Raise sqlite3.DataError for the first wrong value. Reads each table once.

    `long_rows`: whether the file is large enough for rows that are too long for a query.
    """
    for table in tables:
        _check_table(db, table, long_rows)
    for table in ("user", "token"):
        _check_row_ids(db, table)


def _check_table(db: sqlite3.Connection, table: str, long_rows: bool) -> None:
    present = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
    decoded = [each for each in _JSON.get(table, ()) if each.column in present]
    faults = list(_faults(db, table, long_rows))
    if not faults:  # a table of SQLite's own
        return
    wrong = f"CASE {' '.join(f'WHEN {condition} THEN {n}' for n, (condition, _) in enumerate(faults))} END"
    # As bytes: JSON is decoded from them, and texts would take more memory.
    values = [f"CAST({each.sql} AS BLOB) AS json_{n}" for n, each in enumerate(decoded)]
    found = " OR ".join(["wrong IS NOT NULL", *(f"json_{n} IS NOT NULL" for n in range(len(decoded)))])
    # LIMIT: else SQLite evaluates each condition twice.
    rows = f"SELECT {', '.join([f'{wrong} AS wrong', *values])} FROM {table} LIMIT -1"
    problems = [_decoder(each.is_object) for each in decoded]
    for number, *bodies in db.execute(f"SELECT * FROM ({rows}) WHERE {found}"):
        if number is not None:
            raise sqlite3.DataError(faults[number][1])
        for each, body, problem in zip(decoded, bodies, problems, strict=True):
            if body is not None and (why := problem(body)):
                raise sqlite3.DataError(f"{each.column} of a row in {table} is not {each.named} in JSON ({why})")


def _faults(db: sqlite3.Connection, table: str, long_rows: bool) -> Iterator[tuple[str, str]]:
    """Yield SQL for each way in which a row can be wrong, and what to say of it."""
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    if long_rows:
        length = " + ".join(f'ifnull(length("{column[1]}"), 0)' for column in columns)
        yield f"{length} > {SNAPSHOT_VALUE_BYTES}", "a row in it is too long"
    for _, column, kind, required, _, _ in columns:
        if kind in _CLASSES:
            # In a column that is NOT NULL, SQLite takes for granted that IS NOT NULL is true.
            given = "" if required else f'"{column}" IS NOT NULL AND '
            wrong = f'{given}typeof("{column}") NOT IN ({_CLASSES[kind]})'
            yield wrong, f"{column} of a row in {table} is not {_NAMED[kind]}"
    for column, condition, why in _RULES.get(table, ()):
        yield condition, f"{column} of a row in {table} {why}"


def _decoder(is_object: bool) -> Callable[[bytes], str]:
    """Return a function that says why JSON cannot be read; empty if it can."""
    import msgspec  # it takes long to import, and only files from elsewhere need it here

    # What is in an object is checked without decoding it: it may be a plan of 64 MiB.
    decode = msgspec.json.Decoder(dict[str, msgspec.Raw] if is_object else list[str]).decode

    def problem(body: bytes) -> str:
        try:
            if len(body) > JSON_MEMBERS or body.count(b"[") + body.count(b"{") > JSON_DEPTH:
                check_json(body)
            decode(body)
            if len(body) > _DIGITS and _LONG_NUMBER.search(body):
                json.loads(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return str(error)[:100]
        return ""

    return problem


def _check_row_ids(db: sqlite3.Connection, table: str) -> None:
    """The panes rely on the row ids of a snapshot: they begin at 1 and have no gaps."""
    count, first, last = db.execute(f"SELECT count(*), min(id), max(id) FROM main.{table}").fetchone()
    if count and (first, last) != (1, count):
        raise sqlite3.DataError(f"the ids of the rows in {table} have gaps")

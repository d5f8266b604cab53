"""Checks a snapshot from elsewhere: it contains our tables and our types of values, or it is not opened."""

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from tokendesk.desk.file import ADDED_BY_3, desk_script
from tokendesk.desk.file import VERSION as DESK_VERSION
from tokendesk.errors import UsageError
from tokendesk.history.file import history_script
from tokendesk.model.bounds import SNAPSHOT_VALUE_BYTES
from tokendesk.snapshot.file import (
    INDEXES_OF_4,
    OLDEST,
    TABLES_OF_4,
    VERSION,
    check_snapshot,
    read_info,
    snapshot_schema,
    snapshot_script,
    snapshot_uri,
)  # fmt: skip
from tokendesk.sqlite import run_script, statements
from tokendesk.sqlite_limits import LimitedConnection, restrict_untrusted
from tokendesk.views.foreign_values import check_values

Schema = frozenset[tuple[str, str, str, str]]
"""Type, name, table and SQL of everything in a file."""
_LISTED = """
SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master
WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4')
"""
_FORMATS = range(OLDEST, VERSION + 1)
_COMMENT = re.compile(r"--[^\n]*")
_SAVE_AGAIN = "Save it again with: tokendesk snapshot save"


def check_foreign(path: Path) -> None:
    """Refuse a file whose tables are not those of a snapshot. Raises UsageError, and Replaceable as `check_snapshot`.

    So no foreign view, trigger or virtual table is ever run, no row is too long for a query, and each value has the
    type that queries expect of it.
    """
    check_snapshot(path)
    with closing(sqlite3.connect(snapshot_uri(path), uri=True, factory=LimitedConnection)) as db:
        try:
            restrict_untrusted(db)
            found = _schema(db)
            if any(found in (_ours(False, each), _ours(True, each), *_saved_before(each)) for each in _FORMATS):
                check_values(db, _tables(found), long_rows=path.stat().st_size > SNAPSHOT_VALUE_BYTES)
                read_info(db)
                return
        except sqlite3.Error as error:
            ended = db.replacement_error(error)
            raise ended or UsageError(f"{path} cannot be read: {error}. {_SAVE_AGAIN}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path} is damaged ({error}). {_SAVE_AGAIN}") from error
    ours = _ours(True) if len(found) > len(_ours(False)) else _ours(False)
    odd = min((name for _, name, _, _ in found ^ ours), default="")
    raise UsageError(
        f"{path} does not hold the tables of this tokendesk's snapshots ({odd[:40]!r} differs): another version saved "
        f"it, or it was edited. {_SAVE_AGAIN}"
    )


def _tables(found: Schema) -> list[str]:
    """Return the tables in which values are stored, in the order of their names."""
    return sorted(name for kind, name, _, sql in found if kind == "table" and not sql.startswith("CREATE VIRTUAL"))


def _schema(db: sqlite3.Connection) -> Schema:
    return frozenset((kind, name, table, _plain(sql)) for kind, name, table, sql in db.execute(_LISTED))


def _plain(sql: str) -> str:
    """Return a statement without comments and line breaks."""
    return " ".join(_COMMENT.sub("", sql).split())


def _saved_before(version: int) -> tuple[Schema, Schema]:
    """Return the schemas of a snapshot saved with a desk of format 3, and of format 2."""
    with_3 = _ours(True, version, 3)
    return with_3, frozenset(each for each in with_3 if each[2] not in ADDED_BY_3)


@cache
def _ours(saved: bool, version: int = VERSION, desk: int = DESK_VERSION) -> Schema:
    """Return the schema of a snapshot of this format, plain or saved with history and a desk of that format."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(snapshot_schema(version))
        for statement in statements(snapshot_script("finish.sql")):
            is_later = version < 4 and any(f" {name} " in statement for name in (*INDEXES_OF_4, *TABLES_OF_4))
            if "CREATE " in statement and not is_later:
                db.execute(statement)
        if saved:
            run_script(db, desk_script(desk) + history_script())
        return _schema(db)

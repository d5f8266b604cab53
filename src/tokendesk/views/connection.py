"""Opens a read connection: the snapshot as `main`, desk and history attached, and the views of the panes."""

import json
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from tokendesk.desk import file as desk_file
from tokendesk.desk.file import desk_script
from tokendesk.desk.folding import rebuild
from tokendesk.errors import Refused, UsageError
from tokendesk.history import file as history_file
from tokendesk.history.file import history_script
from tokendesk.model.text import fold
from tokendesk.model.token_reach import reaches_bitbucket
from tokendesk.paths import ProfilePaths
from tokendesk.snapshot.file import (
    OutdatedSnapshot,
    check_snapshot,
    is_damaged,
    snapshot_schema,
    snapshot_script,
    snapshot_uri,
)
from tokendesk.sqlite import file_uri, is_busy, is_there, run_script
from tokendesk.sqlite_limits import LimitedConnection, restrict_untrusted
from tokendesk.views.access import create_views as create_access_views
from tokendesk.views.credential_reach import TABLES as CREDENTIAL_TABLES
from tokendesk.views.pending_changes import TABLES, fill_pending_changes
from tokendesk.views.query import PANES
from tokendesk.views.reach import TABLES as REACH_TABLES
from tokendesk.views.renewal_tables import TABLES as RENEWAL_TABLES

BUSY_SECONDS = 5.0
"""Seconds that a query waits for a writer."""


class OlderFormat(Refused):
    """A desk or history that must be migrated first; views only read."""


def connect(paths: ProfilePaths, *, lenient: bool = False) -> LimitedConnection:
    """Open the files that exist. A missing snapshot or desk reads as an empty one.

    `lenient`: a snapshot that only a pull can replace reads as a missing one too; otherwise it raises Replaceable.
    """
    found = _snapshot(paths, lenient)
    if found is not None:
        db = found
    else:
        db = _open(":memory:")
        db.executescript(snapshot_schema())
        db.execute("CREATE VIRTUAL TABLE user_search USING fts5 (name_folded, email_folded)")
        db.execute("CREATE VIRTUAL TABLE token_search USING fts5 (label_folded, owner_folded, email_folded)")
    try:
        if paths.file is not None:
            restrict_untrusted(db)
        attach_desk_and_history(db, paths)
        _supply_credentials(db)
        db.executescript(TABLES + REACH_TABLES + CREDENTIAL_TABLES + RENEWAL_TABLES)
        create_access_views(db)
        _run(db, "views.sql")
        fill_pending_changes(db)
        _run(db, "activity.sql")
        _run(db, "journal.sql")
        for pane in PANES:
            db.execute(f"CREATE TEMP TABLE marked_{pane} (record TEXT PRIMARY KEY) WITHOUT ROWID")
    except sqlite3.Error as error:
        db.close()
        raise db.replacement_error(error) or damage(paths, error) from error
    except (TypeError, ValueError, OverflowError) as error:
        db.close()
        raise damaged_snapshot(paths, error) from error
    except BaseException:  # a file of another format, or without permission to read it
        db.close()
        raise
    return db


def damage(paths: ProfilePaths, error: sqlite3.Error) -> UsageError:
    """Return the message for a file that cannot be read: which file it is, and what to do."""
    if is_busy(error):
        return UsageError(f"The desk or the history is in use by another program ({error}). Try again in a moment.")
    if paths.snapshot.exists() and is_damaged(paths.snapshot):
        return damaged_snapshot(paths, error)
    if paths.file is not None:
        return UsageError(f"{paths.file} cannot be read: {error}. Save it again with: tokendesk snapshot save")
    return UsageError(
        f"{paths.desk} or {paths.history} cannot be read: {error}. They contain your notes: do not delete them. "
        "See what is wrong with: tokendesk check"
    )


def damaged_snapshot(paths: ProfilePaths, error: Exception) -> UsageError:
    """Return the message for a snapshot whose contents are wrong: only another one helps."""
    if paths.file is not None:
        return UsageError(f"{paths.file} is damaged ({error}). Save it again with: tokendesk snapshot save")
    return OutdatedSnapshot(f"The snapshot {paths.snapshot} is damaged ({error}). Run: tokendesk pull")


def attach_desk_and_history(db: sqlite3.Connection, paths: ProfilePaths) -> None:
    """Attach desk and history. A saved snapshot contains both, a plain one neither."""
    if paths.file is None:
        _attach_own(db, paths)
        return
    saved = saved_format(db, paths.file)
    if saved in _EARLIER:
        _attach_earlier_desk(db, paths.file)
    for name, script in (("desk", desk_script()), ("history", history_script())):
        if name == "history" and paths.compared is not None:
            _attach(db, name, paths.compared, script)
        elif name == "desk" and saved in _EARLIER:
            continue
        elif saved:
            db.execute(f"ATTACH ? AS {name}", (snapshot_uri(paths.file),))
        else:
            _attach_empty(db, name, script)


_EARLIER = ("2.2", "3.2")
"""The formats of saved snapshots whose desk lacks folded tables or columns. tokendesk 0.1 saved the first."""


def _attach_earlier_desk(db: sqlite3.Connection, file: Path) -> None:
    """Attach the desk of a file saved by an earlier version, migrated in memory: the file is not changed."""
    found = file.stat()
    db.execute("ATTACH ':memory:' AS desk")
    db.deserialize(_migrated_desk(file, (found.st_mtime_ns, found.st_size, found.st_ino)), name="desk")


@lru_cache(1)
def _migrated_desk(file: Path, _stamp: tuple[int, int, int]) -> bytes:
    """Return the migrated desk of a saved file: once for all connections, since a desk of years takes long to fold."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, uri=True, factory=LimitedConnection)) as desk:
        run_script(desk, desk_script())
        restrict_untrusted(desk)
        desk.execute("ATTACH ? AS saved", (snapshot_uri(file),))
        tables = desk.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
            " AND name IN (SELECT name FROM saved.sqlite_master)"
        )
        for (name,) in tables.fetchall():
            columns = ", ".join(row[1] for row in desk.execute(f"PRAGMA saved.table_info({name})"))
            desk.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM saved.{name}")
        desk.execute("DETACH saved")
        if desk.execute("SELECT 1 FROM entry LIMIT 1").fetchone():
            rebuild(desk)
        return desk.serialize()


def saved_format(db: sqlite3.Connection, file: Path) -> str:
    """Return the saved format of the snapshot `main`, or "" if it was not saved; refuse unknown formats."""
    found = db.execute("SELECT value FROM main.meta WHERE name = 'saved_format'").fetchone()
    if found is None:
        return ""
    ours = current_saved_format()
    if found[0] not in (ours, *_EARLIER):
        newer = [int(part) for part in found[0].split(".")] > [int(part) for part in ours.split(".")]
        raise UsageError(
            f"{file} was saved by {'a newer' if newer else 'an older'} tokendesk. "
            + ("Update tokendesk to open it." if newer else "Save it again with: tokendesk snapshot save")
        )
    return str(found[0])


def current_saved_format() -> str:
    """Return the formats of the desk and history tables in a saved snapshot."""
    return f"{desk_file.VERSION}.{history_file.VERSION}"


def _attach_own(db: sqlite3.Connection, paths: ProfilePaths) -> None:
    for name, path, script, version in (
        ("desk", paths.desk, desk_script(), desk_file.VERSION),
        ("history", paths.history, history_script(), history_file.VERSION),
    ):
        _attach(db, name, path, script)
        if is_there(path, name) and db.execute(f"PRAGMA {name}.user_version").fetchone()[0] < version:
            raise OlderFormat(f"The {name} {path} is of an older format. Start tokendesk to bring it up to date.")


def _snapshot(paths: ProfilePaths, lenient: bool) -> LimitedConnection | None:
    if not paths.snapshot.exists():
        return None
    try:
        check_snapshot(paths.snapshot)
        try:
            return _open(snapshot_uri(paths.snapshot))
        except sqlite3.Error as error:
            raise damage(paths, error) from error
    except OutdatedSnapshot:
        if not lenient:
            raise
        return None


def _open(uri: str) -> LimitedConnection:
    db = sqlite3.connect(
        uri, uri=True, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS, factory=LimitedConnection
    )
    db.row_factory = sqlite3.Row
    db.create_function("fold", 1, _fold_or_none, deterministic=True)
    db.create_function("reaches_bitbucket", 1, _reaches_bitbucket, deterministic=True)
    try:
        db.execute("PRAGMA temp_store = MEMORY")
        # Enough for one narrow index, not the whole file: memory use matters, and the system caches the file anyway.
        db.execute("PRAGMA cache_size = -12288")
    except sqlite3.Error:  # not a database
        db.close()
        raise
    return db


def _supply_credentials(db: sqlite3.Connection) -> None:
    """Create the tables of credentials where the snapshot is of a format without them: views name no schema."""
    if not db.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'credential'").fetchone():
        db.executescript(snapshot_script("credentials.sql").replace("CREATE TABLE ", "CREATE TEMP TABLE "))


def _reaches_bitbucket(scopes: str | None) -> bool:
    return reaches_bitbucket(json.loads(scopes or "[]"))


def _fold_or_none(text: object) -> str | None:
    return None if text is None else fold(str(text))


def _run(db: sqlite3.Connection, name: str) -> None:
    db.executescript(Path(__file__).with_name(name).read_text("utf-8"))


def _attach(db: sqlite3.Connection, name: str, path: Path, script: str) -> None:
    """Attach a file read-only; a missing one reads as an empty one made by `script`."""
    if is_there(path, name):
        # In a read-only folder, SQLite cannot create the `-shm` file: then the file is opened as immutable.
        for options in ("mode=ro", "mode=ro&immutable=1"):
            try:
                db.execute(f"ATTACH ? AS {name}", (file_uri(path, options),))
                db.execute(f"SELECT count(*) FROM {name}.sqlite_master")
                return
            except sqlite3.Error as error:
                problem = error
                if is_busy(error):  # during a write, an immutable read could see half of it
                    break
                if any(attached == name for _, attached, _ in db.execute("PRAGMA database_list")):
                    db.execute(f"DETACH {name}")
        if is_busy(problem):
            raise Refused(f"The {name} {path} is in use by another program ({problem}). Try again in a moment.")
        raise UsageError(f"The {name} {path} cannot be read: {problem}. It contains your notes: check its permissions.")
    _attach_empty(db, name, script)


def _attach_empty(db: sqlite3.Connection, name: str, script: str) -> None:
    db.execute(f"ATTACH ':memory:' AS {name}")
    for kind in ("TABLE", "INDEX"):
        script = script.replace(f"CREATE {kind} ", f"CREATE {kind} {name}.")
    db.executescript(script)

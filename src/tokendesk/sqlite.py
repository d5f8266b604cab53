"""The program's SQLite files: private, checked by application id and format."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tokendesk.errors import Refused, UsageError
from tokendesk.input_files import read_head
from tokendesk.paths import make_folder
from tokendesk.sqlite_drafts import draft_of, remove_drafts
from tokendesk.sqlite_limits import LimitedConnection

BUSY_SECONDS = 10.0
SNAPSHOT_ID = 0x746B6473  # "tkds"
"""The application id of snapshots, including saved ones: they are never modified."""


def is_snapshot(path: Path) -> bool:
    """Return whether a file has the application id of a snapshot."""
    try:
        head = read_head(path, 100)
    except OSError:
        return False
    return len(head) == 100 and head[:16] == b"SQLite format 3\0" and int.from_bytes(head[68:72]) == SNAPSHOT_ID


def is_busy(error: Exception) -> bool:
    """Return whether another process is using the file."""
    # The low byte is the primary error code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def file_uri(path: Path, options: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{options}"


def statements(script: str) -> Iterator[str]:
    """Split a script: `executescript` commits first and takes no parameters."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def run_script(db: sqlite3.Connection, script: str, values: Mapping[str, str | int] = {}) -> None:
    for statement in statements(script):
        db.execute(statement, values)


def is_there(path: Path, what: str) -> bool:
    """Return whether a file exists. `what`: its name in messages, such as desk.

    Raises UsageError if something else is at its place. A link to nothing is not a missing file: its target may be on
    a disk that is not there now, and must not be replaced by a new, empty file.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if not path.is_symlink():
            return False
        raise UsageError(
            f"The {what} {path} is a link to {path.readlink()}, which does not exist. "
            "Connect the disk that it is on, or remove the link, then start again."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The {what} {path} cannot be opened: {error.strerror}. Correct its name or its link, then start again."
        ) from error
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise UsageError(f"The {what} {path} is {found}. Move it away, then start again.")
    return True


Migrate = Callable[[sqlite3.Connection], None]
"""Migrates a file of an older format, inside a transaction."""


def open_database(
    path: Path, application_id: int, version: int, script: str, what: str, migrate: Migrate | None = None
) -> LimitedConnection:
    """Open `path` for writing; `script` creates a new one. `what`: its name in messages, such as desk.

    A file of an older format is backed up next to it, then migrated. Raises UsageError, Refused and sqlite3.Error.
    """
    if application_id != SNAPSHOT_ID and is_snapshot(path):
        raise Refused(
            f"{path.name} is a saved snapshot and read-only. Write in your own desk: start tokendesk without a file."
        )
    make_folder(path.parent)
    remove_drafts(path)
    if not is_there(path, what):
        try:
            _create(path, application_id, version, script)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"The {what} {path} cannot be created: {reason_of(error)}. "
                "Free some space or make its folder writable, then start again."
            ) from error
    elif not path.stat().st_size:
        raise UsageError(
            f"The {what} {path} is empty (0 bytes): it was cut off, as by a full disk or an interrupted copy. "
            "Put back a backup of it. If there is none, delete it and start again."
        )
    db = sqlite3.connect(
        file_uri(path, "mode=rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False,
        factory=LimitedConnection,
    )  # fmt: skip
    try:
        found = db.execute("PRAGMA application_id").fetchone()[0]
        its_version = db.execute("PRAGMA user_version").fetchone()[0]
        if found != application_id:
            raise UsageError(f"{path} is not a tokendesk {what}. Move it away, then start again.")
        if its_version > version:
            raise UsageError(
                f"{path} was written by a newer tokendesk (format {its_version}). Update tokendesk to use it."
            )
        if its_version < version and migrate is not None:
            try:
                _migrate(db, path, its_version, version, migrate)
            except OSError as error:
                raise UsageError(
                    f"The {what} {path} cannot be backed up before its migration: {reason_of(error)}. "
                    "It is unchanged; free some space or make its folder writable, then start again."
                ) from error
        # The admin's work must survive a power cut, not only a crash.
        db.execute("PRAGMA synchronous = FULL")
    except BaseException:
        db.close()
        raise
    return db


def reason_of(error: OSError | sqlite3.Error) -> str:
    """Return what went wrong, without the names of the files: a message says them in its own words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _migrate(db: sqlite3.Connection, path: Path, before: int, version: int, migrate: Migrate) -> None:
    application_id = db.execute("PRAGMA application_id").fetchone()[0]
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.execute("PRAGMA user_version").fetchone()[0] < version:  # another process may have been faster
            _back_up(path, path.with_name(f"{path.name}.format-{before}"), application_id, before)
            migrate(db)
            db.execute(f"PRAGMA user_version = {version}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _back_up(path: Path, copy: Path, application_id: int, version: int) -> None:
    """Back up a file before its migration, unless a complete backup exists. Only while nobody writes to it."""
    if _is_complete(copy, application_id, version):
        return
    new = copy.with_name(f"{copy.name}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(file_uri(path, "mode=ro"), uri=True)) as source, closing(sqlite3.connect(new)) as kept:
        source.backup(kept)
    new.replace(copy)


def _is_complete(copy: Path, application_id: int, version: int) -> bool:
    """Return whether a backup is complete."""
    if not copy.exists():
        return False
    try:
        with closing(sqlite3.connect(file_uri(copy, "mode=ro"), uri=True)) as kept:
            names = ("application_id", "user_version", "quick_check(1)")
            found = [kept.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    except sqlite3.Error:
        return False
    return found == [application_id, version, "ok"]


def _create(path: Path, application_id: int, version: int, script: str) -> None:
    """Make a new file, whole from the first moment: an empty one at its place means that one was lost."""
    with draft_of(path) as new:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(new, isolation_level=None)) as db:
            db.execute("BEGIN")
            run_script(db, script)
            db.execute(f"PRAGMA application_id = {application_id}")
            db.execute(f"PRAGMA user_version = {version}")
            db.execute("COMMIT")
            # Not before: on a full disk, closing would leave the content in the journal, without an error.
            db.execute("PRAGMA journal_mode = WAL")
        _put_in_place(new, path)


def _put_in_place(new: Path, path: Path) -> None:
    """Give `new` the name `path`, unless another process was faster."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        from filelock import FileLock

        with FileLock(f"{path}.lock"):
            if not path.exists():
                new.rename(path)

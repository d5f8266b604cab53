"""Builds a new snapshot next to the old one, and makes it the current one or leaves everything as it was."""

import os
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from tokendesk.current_snapshot import FOLDER
from tokendesk.errors import ApiError, TokendeskError, UsageError
from tokendesk.model.text import fold
from tokendesk.paths import make_folder
from tokendesk.snapshot.file import APPLICATION_ID, VERSION, snapshot_schema, snapshot_script
from tokendesk.snapshot.make_current import UNFINISHED, make_current
from tokendesk.sqlite import reason_of, statements
from tokendesk.sqlite_limits import LimitedConnection
from tokendesk.stopping import check_stopped


class NoUsers(ApiError):
    """There are tokens, but nobody who could own one."""


@lru_cache(8192)  # many users have the same title and department
def _fold_or_none(text: str | None) -> str | None:
    return None if text is None else fold(text)


class SnapshotBuilder:
    """Call `finish`. Not thread-safe. A context manager: an early exit removes the file."""

    def __init__(self, cache: Path, work: Path) -> None:
        """`cache`: the profile's folder. `work`: the work file of what arrived. It may grow, but must outlive this."""
        folder = cache / FOLDER
        make_folder(folder)
        self._cache = cache
        self._path = folder / f".{os.getpid()}-{uuid.uuid4().hex[:8]}{UNFINISHED}"
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            self._db = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, factory=LimitedConnection
            )
            try:
                self._prepare(work)
            except BaseException:
                self.__exit__()
                raise
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"{self._path} cannot be written: {reason_of(error)}. "
                "Free some space or make its folder writable, then pull again."
            ) from error

    def _prepare(self, work: Path) -> None:
        self._db.create_function("fold", 1, _fold_or_none, deterministic=True)
        # A crash leaves a file that nobody reads, so durability can wait until the end.
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.executescript(snapshot_schema())
        self._db.execute("ATTACH ? AS work", (str(work),))
        self._db.execute("PRAGMA work.cache_size = -65536")
        self._db.execute("BEGIN")

    def __enter__(self) -> "SnapshotBuilder":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

    def finish(
        self,
        meta: Mapping[str, str],
        before_replace: Callable[[Path], None] = lambda new: None,
        *,
        asked_only: bool = False,
        with_credentials: bool = True,
    ) -> None:
        """Join, index, check, call `before_replace` with the new file, and make it the current snapshot.

        `meta`: what is known of the pull; its `pull_id` is the name of the file. `asked_only`: leave out users whose
        policy was not asked for yet. `with_credentials`: False while their lists are being read. Nothing is replaced
        once this was asked to stop. Raises NoUsers, and UsageError.
        """
        try:
            for statement in statements(snapshot_script("finish.sql")):
                check_stopped()
                self._db.execute(statement, {"asked_only": asked_only, "with_credentials": with_credentials})
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", {**meta, **self._counts()}.items())
            self._db.execute("COMMIT")
            verdict = self._db.execute("PRAGMA quick_check").fetchone()[0]
            if verdict != "ok":
                raise TokendeskError(f"The new snapshot is damaged ({verdict}). Check the disk, then pull again.")
            self._db.close()
            with self._path.open("rb+") as file:
                os.fsync(file.fileno())
            check_stopped()
            before_replace(self._path)
            check_stopped()
            make_current(self._path, self._cache, meta["pull_id"])
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"The new snapshot cannot be written to {self._path.parent}: {reason_of(error)}. "
                "The old one is unchanged; free some space, then pull again."
            ) from error

    def _counts(self) -> dict[str, str]:
        (row,) = self._db.execute(_COUNTS)
        names = (
            "tokens", "users", "policies", "policies_unknown", "owners_read_at", "credentials", "credentials_problem",
        )  # fmt: skip
        counts = {name: str(value) for name, value in zip(names, row, strict=True) if value is not None}
        if counts["tokens"] != "0" and counts["users"] == "0":
            raise NoUsers("Atlassian listed tokens but no user at all. The old snapshot is kept; try again later.")
        return counts


_COUNTS = """
SELECT (SELECT count(*) FROM token), count(*), (SELECT count(*) FROM policy), count(*) FILTER (WHERE policy IS NULL),
    min(read_at) FILTER (WHERE tokens), (SELECT count(*) FROM credential),
    (SELECT group_concat(titles || ': ' || problem, '; ') FROM (
        SELECT group_concat(title, ', ') AS titles, problem FROM credential_list WHERE problem IS NOT NULL
        GROUP BY problem ORDER BY min(name)))
FROM user
"""


def remove_leftovers(cache: Path) -> None:
    """Remove files of a killed pull, as far as possible. Hold the pull lock: another pull may be writing."""
    for folder in (cache / FOLDER, cache):
        for path in folder.glob(f".*{UNFINISHED}"):
            with suppress(OSError):
                path.unlink(missing_ok=True)

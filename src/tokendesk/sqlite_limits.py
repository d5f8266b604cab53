"""SQLite connections whose queries ctrl+c and the end of background work interrupt, limited for untrusted files."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from tokendesk.errors import UsageError
from tokendesk.model.bounds import SNAPSHOT_STATEMENT_BYTES, SNAPSHOT_STEPS, SNAPSHOT_VALUE_BYTES
from tokendesk.stopping import Stopped, is_stopped

_STEPS_BETWEEN_CHECKS = 200_000
"""SQLite instructions between two checks, some milliseconds. Only then can Python handle ctrl+c."""


class LimitedConnection(sqlite3.Connection):
    """`most_steps`: the limit of one query; None for no limit."""

    most_steps: int | None = None
    _steps = 0
    _was_interrupted = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_progress_handler(self._check_limit, _STEPS_BETWEEN_CHECKS)

    def _check_limit(self) -> bool:
        # Python raises KeyboardInterrupt here, and SQLite ends the query on any exception.
        self._steps += _STEPS_BETWEEN_CHECKS
        return self._is_too_long or is_stopped()

    @property
    def _is_too_long(self) -> bool:
        return self.most_steps is not None and self._steps > self.most_steps

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._steps, self._was_interrupted = 0, False
        try:
            return super().execute(sql, parameters)
        except UnicodeDecodeError as error:  # SQLite's message would quote the damaged file
            damaged = sqlite3.DatabaseError("it contains bytes that are not text")
            damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damaged from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        self._steps, self._was_interrupted = 0, False
        return super().executemany(sql, parameters)

    def interrupt(self) -> None:
        self._was_interrupted = True
        super().interrupt()

    def replacement_error(self, error: BaseException | None) -> BaseException | None:
        """Return the exception to raise instead of `error`, if the query was ended here."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_INTERRUPT:
            return None
        if is_stopped():
            return Stopped()
        if self._is_too_long:
            return UsageError(
                "A query on this file took too long and was stopped. Narrow it, or save the file again with: "
                "tokendesk snapshot save"
            )
        return None if self._was_interrupted else KeyboardInterrupt()


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def restrict_untrusted(db: sqlite3.Connection) -> None:
    """Call before the first query on an untrusted file: its schema runs no code, and values are limited."""
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SNAPSHOT_VALUE_BYTES)
    db.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, SNAPSHOT_STATEMENT_BYTES)
    db.text_factory = _text
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    if isinstance(db, LimitedConnection):
        db.most_steps = SNAPSHOT_STEPS

"""Connections on which every question has an end: by ctrl+c, and on files from elsewhere by a number of steps."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from tokendesk.errors import UsageError
from tokendesk.model.bounds import SNAPSHOT_STATEMENT_BYTES, SNAPSHOT_STEPS, SNAPSHOT_VALUE_BYTES

_STEPS_BETWEEN_CHECKS = 200_000
"""Steps of SQLite's machine between two looks: some milliseconds. Only then can Python act on ctrl+c."""


class LimitedConnection(sqlite3.Connection):
    """`most_steps`: how many one question may take; None for any number."""

    most_steps: int | None = None
    _steps = 0
    _was_interrupted = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_progress_handler(self._check_limit, _STEPS_BETWEEN_CHECKS)

    def _check_limit(self) -> bool:
        # Python raises KeyboardInterrupt in here, and SQLite takes any exception for "end this question".
        self._steps += _STEPS_BETWEEN_CHECKS
        return self._is_too_long

    @property
    def _is_too_long(self) -> bool:
        return self.most_steps is not None and self._steps > self.most_steps

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._steps, self._was_interrupted = 0, False
        try:
            return super().execute(sql, parameters)
        except UnicodeDecodeError as error:  # SQLite's own words quote a file that is damaged
            damaged = sqlite3.DatabaseError("it holds bytes that are not text")
            damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damaged from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        self._steps, self._was_interrupted = 0, False
        return super().executemany(sql, parameters)

    def interrupt(self) -> None:
        self._was_interrupted = True
        super().interrupt()

    def replacement_error(self, error: BaseException | None) -> BaseException | None:
        """Return what is to be raised in the place of `error`, where a question was ended here."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_INTERRUPT:
            return None
        if self._is_too_long:
            return UsageError(
                "A question to this file took too long and was ended. Ask for less, or have the file saved again by: "
                "tokendesk snapshot save"
            )
        return None if self._was_interrupted else KeyboardInterrupt()


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def restrict_untrusted(db: sqlite3.Connection) -> None:
    """Before the first question to a file from elsewhere: nothing in its schema is run, nothing in it is endless."""
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SNAPSHOT_VALUE_BYTES)
    db.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, SNAPSHOT_STATEMENT_BYTES)
    db.text_factory = _text
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    if isinstance(db, LimitedConnection):
        db.most_steps = SNAPSHOT_STEPS

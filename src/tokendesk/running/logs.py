"""The log file: requests and their outcome, never keys, e-mail addresses or labels."""

import logging
import os
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tokendesk.model.text import printable_lines
from tokendesk.paths import make_private, open_for_owner, open_without_waiting

_MAX_BYTES = 1_000_000


class _PrivateFileHandler(RotatingFileHandler):
    """Creates each rotated file for this user only."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_for_owner)

    def doRollover(self) -> None:
        """Begin the next file, or go on with this one: Windows renames no file that another program has open."""
        with suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignore what cannot be written: logging would print a traceback."""


class _PrintableFormatter(logging.Formatter):
    """Removes control characters: a log is read on a terminal, and contains text from servers and colleagues."""

    def format(self, record: logging.LogRecord) -> str:
        return printable_lines(super().format(record))


def configure_logging(path: Path) -> None:
    """Write the program's log messages to the file. A log that cannot be written is ignored."""
    logger = logging.getLogger("tokendesk")
    if logger.handlers:
        return
    try:
        make_private(path.parent)
        os.close(open_without_waiting(str(path), os.O_CREAT | os.O_WRONLY))
        handler = _PrivateFileHandler(path, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        logger.addHandler(logging.NullHandler())
        return
    handler.setFormatter(_PrintableFormatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

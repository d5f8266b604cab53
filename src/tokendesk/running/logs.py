"""The log: requests and their outcome, never keys, addresses of people or labels."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tokendesk.model.text import clean_lines
from tokendesk.paths import make_private, open_for_owner

_LARGEST = 1_000_000


class _Log(RotatingFileHandler):
    """When a log is full, the next one is a new file: for this user only, like the first."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_for_owner)


class _Lines(logging.Formatter):
    """A log is read on a terminal, and some of its words are those of a server or a colleague."""

    def format(self, record: logging.LogRecord) -> str:
        return clean_lines(super().format(record))


def write_log(path: Path) -> None:
    """Send what the API room says to the log file, once. A log that cannot be written is no reason to stop."""
    logger = logging.getLogger("tokendesk")
    if logger.handlers:
        return
    try:
        make_private(path.parent)
        os.close(open_for_owner(str(path), os.O_CREAT | os.O_WRONLY))
        handler = _Log(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        logger.addHandler(logging.NullHandler())
        return
    handler.setFormatter(_Lines("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

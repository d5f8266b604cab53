"""The log: requests and their outcome, never keys, addresses of people or labels."""

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tokendesk.paths import make_private

_LARGEST = 1_000_000


def write_log(path: Path) -> None:
    """Send what the API room says to the log file, once. A log that cannot be written is no reason to stop."""
    logger = logging.getLogger("tokendesk")
    if logger.handlers:
        return
    try:
        make_private(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        handler = RotatingFileHandler(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        logger.addHandler(logging.NullHandler())
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

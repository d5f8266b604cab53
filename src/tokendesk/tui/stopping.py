"""Signals that ask the program to end: the terminal gets back what it showed before."""

import asyncio
import signal
from functools import partial
from typing import Any

from textual.app import App


def leave_by_signal(app: App[Any]) -> None:
    """Let SIGTERM and SIGHUP end `app` with exit code 128 and their number, as a shell would say it."""
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, partial(app.exit, return_code=128 + number))
        except (NotImplementedError, ValueError, RuntimeError):  # Windows, or not in the main thread
            return

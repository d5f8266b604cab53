"""Exits cleanly on signals, so that the terminal is restored."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from textual.app import App


def leave_by_signal(app: App[Any], leave: Callable[[int], object] | None = None) -> None:
    """Let SIGTERM and SIGHUP end `app` with exit code 128 plus their number, as in a shell.

    `leave` ends it with that code after active work is recorded; a second signal ends it at once.
    """
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()
    was_asked = False

    def asked(code: int) -> None:
        nonlocal was_asked
        if leave is None or was_asked:
            app.exit(return_code=code)
        else:
            was_asked = True
            app.call_later(leave, code)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, asked, 128 + number)
        except (NotImplementedError, ValueError, RuntimeError):  # Windows, or not in the main thread
            return

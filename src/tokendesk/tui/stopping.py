"""Exits cleanly on signals, so that the terminal is restored."""

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App


def leave_by_signal(app: App[Any], leave: Callable[[int], object] | None = None) -> None:
    """Let SIGTERM and SIGHUP end `app` with exit code 128 plus their number, as in a shell.

    On Windows ctrl+break does that. A window that is closed ends all its programs at once: none is asked.
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

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            _on_signal(loop, number, partial(asked, 128 + number))
        except (ValueError, RuntimeError):  # not in the main thread
            return


def _on_signal(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], object]) -> None:
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:  # the event loop of Windows
        signal.signal(number, lambda *_: _pass_on(loop, number, act))


def _pass_on(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], object]) -> None:
    if loop.is_closed():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    else:
        loop.call_soon_threadsafe(act)

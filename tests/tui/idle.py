"""Waiting until the screens have done all that was asked of them.

Textual's pilot takes a program for idle that uses little of the processor. On a busy machine that also holds for one
that is in the middle of its work. Here a program is idle when its event loop has nothing left to call and no thread
works for it.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import textual.app
import textual.pilot
from textual.app import App
from textual.constants import MAX_FPS

_jobs: set[asyncio.Future[Any]] = set()
_held: list["Gate"] = []
"""One for each thread that a gate holds."""


_RESIZED = 2 / 120
"""Seconds: Textual lays out anew a 120th of a second after the terminal was resized."""


class Gate:
    """Holds threads of the program until the test opens it. A thread that is held counts as idle."""

    def __init__(self) -> None:
        self._opened = threading.Event()

    def hold(self) -> None:
        _held.append(self)
        self._opened.wait()
        _held.remove(self)

    def open(self) -> None:
        self._opened.set()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    @property
    def is_holding(self) -> bool:
        return self in _held


async def until_idle(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Return when nothing is left to do. The arguments are those of the function that this one replaces."""
    loop: Any = asyncio.get_running_loop()
    for _ in range(2):
        end = loop.time() + max(2 / MAX_FPS, _RESIZED)  # what waits for the next frame comes due before this
        # No event tells when a loop has nothing left to do.
        while (rest := _rest(loop, end)) is not None:  # noqa: ASYNC110
            await asyncio.sleep(rest)


def _rest(loop: Any, end: float) -> float | None:
    """Return the seconds until there is something to do or to look for, or None where nothing is due before `end`."""
    if loop._ready:
        return 0
    if sum(job.get_loop() is loop for job in _jobs) > len(_held):
        return 0.001
    due = min((timer._when for timer in loop._scheduled if not timer._cancelled), default=end)
    return max(0, due - loop.time()) if due < end else None


async def until_settled(app: App[Any]) -> None:
    """Return when what the screens put off until the keys rest, such as the details, has come as well."""
    loop: Any = asyncio.get_running_loop()
    quiet = 0
    while quiet < _ROUNDS:
        await until_idle()
        put_off = [timer for timer in loop._scheduled if not timer.cancelled() and _is_ours(timer._callback)]
        at_work = [worker for worker in app.workers if worker.group in _BRIEF and not worker.is_finished]
        quiet = 0 if put_off or at_work else quiet + 1


_ROUNDS = 6
"""A layout that changes what another widget has room for takes one frame after the other."""
_BRIEF = ("rows", "files", "ahead", "details", "counts", "connection")
"""The groups of workers that end by themselves; others wait for a person's answer."""


def _is_ours(callback: Callable[..., object] | None) -> bool:
    return str(getattr(callback, "__module__", "")).startswith("tokendesk.")


def _counted(run: Callable[..., asyncio.Future[Any]]) -> Callable[..., asyncio.Future[Any]]:
    def run_in_executor(*arguments: Any) -> asyncio.Future[Any]:
        job = run(*arguments)
        _jobs.add(job)
        job.add_done_callback(_jobs.discard)
        return job

    return run_in_executor


def install() -> None:
    """Have Textual's pilot wait by `until_idle`."""
    if vars(textual.app)["wait_for_idle"] is until_idle:
        return
    vars(textual.app)["wait_for_idle"] = vars(textual.pilot)["wait_for_idle"] = until_idle
    loop: Any = asyncio.BaseEventLoop
    loop.run_in_executor = _counted(loop.run_in_executor)

"""Starts a new demo again and again, each time killed one step later; prints what is there after one more start.

Run in a process of its own: it forks. A step is a change of a file in the home, or the commit of a transaction.
"""

import json
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.database import database
from tests.practice import NOW, settings_in
from tokendesk.commands.demo import prepare_past
from tokendesk.sqlite_limits import LimitedConnection

_CHANGES = ("os.rename", "os.link", "os.remove", "sqlite3.connect")
_SMALL = {"users": 60, "tokens": 12, "seed": 1}


def _kill_before_step(number: int, mark: Path) -> None:
    """Kill this process before one of its steps, counted from 0."""
    left = number

    def step() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and str(arguments[0]) == str(mark)):
            step()

    execute = LimitedConnection.execute

    def watched_execute(self: LimitedConnection, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql == "COMMIT":
            step()
        return execute(self, sql, parameters)

    setattr(LimitedConnection, "execute", watched_execute)  # noqa: B010 - mypy knows no other way
    sys.addaudithook(seen)


def _start(home: Path) -> None:
    settings = settings_in(home)._replace(clock=NOW)
    prepare_past(settings, _SMALL, fresh=False)()


def _killed(work: Callable[[], None]) -> bool:
    """Do `work` in a process of its own, and return whether it was killed."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    _, status = os.waitpid(child, 0)
    if status and not os.WIFSIGNALED(status):
        raise RuntimeError("the start failed")
    return status != 0


def _there(home: Path) -> dict[str, Any]:
    paths = settings_in(home).paths
    with database(paths.history) as db:
        tables = ("pull", "completed", "observation", "change", "event", "event_use", "event_action", "event_cursor")
        found: dict[str, Any] = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    with database(paths.desk) as db:
        found["entries"] = db.execute("SELECT entry_id FROM entry ORDER BY 1").fetchall()
    found["organization"] = json.loads(paths.sandbox.read_text("utf-8"))
    return found | {"unfinished": paths.unfinished_past.exists()}


def main(home: Path) -> None:
    _start(home / "whole")
    whole, steps, partly = _there(home / "whole"), 0, []
    while True:
        place = home / str(steps)

        def cut_short(place: Path = place, at: int = steps) -> None:
            _kill_before_step(at, settings_in(place).paths.unfinished_past)
            _start(place)

        if not _killed(cut_short):
            break
        _start(place)
        there = _there(place)
        partly += [f"{steps}: {name}" for name, rows in whole.items() if there[name] != rows]
        steps += 1
    sizes = {name: len(rows) for name, rows in whole.items() if isinstance(rows, list)}
    print(json.dumps({"steps": steps, "partly": partly, "sizes": sizes, "unfinished": whole["unfinished"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

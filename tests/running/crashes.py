"""Runs that are interrupted before each entry and each request."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.running.world import no_sleep
from tokendesk.api.client import Client
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.model.secret import Secret
from tokendesk.paths import profile_paths
from tokendesk.reporting.plan_file import load_plan
from tokendesk.running.access import ApiAccess
from tokendesk.running.apply import RunCallbacks, apply_plan


class Killed(BaseException):
    pass


@contextmanager
def at_each_event(event: Callable[[], None]) -> Iterator[None]:
    """Call `event` before every entry that is written and every request that is sent."""
    append, exchange = Desk.append_all, Client._exchange
    places_of: Any = {"append_all": (Desk, append), "_exchange": (Client, exchange)}

    def watched_append(self: Desk, *arguments: Any) -> Any:
        event()
        return append(self, *arguments)

    async def watched_exchange(self: Client, *arguments: Any) -> Any:
        event()
        return await exchange(self, *arguments)

    for name, watched in (("append_all", watched_append), ("_exchange", watched_exchange)):
        setattr(places_of[name][0], name, watched)
    try:
        yield
    finally:
        for name, (place, plain) in places_of.items():
            setattr(place, name, plain)


def countdown(from_number: int, end: Callable[[], None]) -> Callable[[], None]:
    left = from_number

    def event() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            end()

    return event


def raise_killed() -> None:
    raise Killed


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Zygote:
    """A process that has loaded everything and forks one child for each run, which is killed at its event number."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            pytest.skip("this system cannot fork a process")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.running.crashes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, **job: Any) -> bool:
        """Run a plan in a child that is killed at event `at`; return whether it lived to the end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        status = json.loads(self._process.stdout.readline())
        assert status in (0, -signal.SIGKILL), status
        return bool(status == 0)

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _child(job: dict[str, Any]) -> None:
    settings = Settings(
        "demo", profile_paths("demo", {"TOKENDESK_HOME": job["home"]}), author="admin", configured=True,
        allow_writes=True,
        admin_emails=("gael.novak@example.com",), batch=job["batch"],
    )  # fmt: skip
    access = ApiAccess(job["url"], job["org"], Secret(job["key"]), revoke_key=Secret(job["revoke_key"]))
    with at_each_event(countdown(job["at"], _die)):
        asyncio.run(apply_plan(settings, access, load_plan(Path(job["plan"])), RunCallbacks(sleep=no_sleep)))


def _zygote() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _child(json.loads(line))
                os._exit(0)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)


if __name__ == "__main__":
    _zygote()

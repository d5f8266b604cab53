"""Pulls that break off at a chosen request, in this process or in one that is killed."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.practice import NOW, serving_access, settings_in
from tests.running.trouble import Trouble
from tokendesk.config import Settings
from tokendesk.errors import KeyRefused
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import pull_profile
from tokendesk.sandbox.organization import Organization

_PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.snapshot.broken_off import pull_into
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
url, org_id, key, home = sys.argv[1:]
pull_into(Path(home), ApiAccess(url, org_id, Secret(key)))
"""


def pull_into(home: Path | Settings, access: ApiAccess, **options: Any) -> list[str]:
    """Pull, and return what was said."""
    said: list[str] = []
    settings = settings_in(home) if isinstance(home, Path) else home
    quiet: Any = lambda *_: None  # noqa: E731
    report, clock = options.pop("report", quiet), options.pop("clock", lambda: NOW)
    asyncio.run(pull_profile(settings, access, report, quiet, clock=clock, on_note=said.append, **options))
    return said


@dataclass
class Breaking:
    """A served organization that counts requests and breaks off a pull at one of them."""

    access: ApiAccess | None = None
    asked: list[str] = field(default_factory=list)
    at: int | None = None
    """The number of the request at which the pull breaks off."""
    action: Callable[[], int | None] = lambda: 401
    refused: Callable[[str], bool] = lambda line: False

    def rule(self, line: str, _: int) -> int | None:
        self.asked.append(line)
        if self.at is not None and len(self.asked) >= self.at:
            return self.action()
        return 400 if self.refused(line) else None

    def count(self, pull: Callable[[], object]) -> int:
        """Return the number of requests of a pull in one piece."""
        self.asked.clear()
        self.at = None
        pull()
        return len(self.asked)

    def refuse(self, home: Path, at: int) -> int:
        """Let a pull fail from request `at` on; return the number of requests."""
        assert self.access
        self.asked.clear()
        self.at, self.action = at, lambda: 401
        try:
            pull_into(home, self.access)
        except KeyRefused:
            pass
        else:
            raise AssertionError("the pull was over before it could fail")
        finally:
            self.at = None
        return len(self.asked)

    def kill(self, home: Path, at: int) -> int:
        """Kill a process that pulls at request `at`; return the number of requests."""
        assert self.access
        self.asked.clear()
        arguments = [self.access.api_url, self.access.org_id, self.access.key.reveal(), str(home)]
        ready: list[subprocess.Popen[bytes]] = []

        def kill() -> None:
            ready[0].kill()

        self.at, self.action = at, kill
        with subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments], env={**os.environ, "PYTHONPATH": _PATH}
        ) as p:
            ready.append(p)
        self.at = None
        assert p.returncode == (1 if sys.platform == "win32" else -signal.SIGKILL), (
            "the pull was over before it could be killed"
        )
        return len(self.asked)


_PATH = os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "src")])


@contextmanager
def breaking(made: Organization) -> Iterator[Breaking]:
    found = Breaking()
    with serving_access(made, Trouble(found.rule)) as access:
        found.access = access
        yield found


def content(snapshot: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a snapshot, but for its id and the age of its parts."""
    with closing(sqlite3.connect(snapshot)) as db:
        tables = {name: f"SELECT * FROM {name} ORDER BY 1" for name in ("user", "token", "policy")}
        tables["meta"] = "SELECT * FROM meta WHERE name NOT IN ('pull_id', 'oldest_at') ORDER BY 1"
        return {name: db.execute(question).fetchall() for name, question in tables.items()}

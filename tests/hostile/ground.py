"""The environment of a case: a home that was pulled once, and a server with the case's responses."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.needs import STATE_VARIABLE
from tests.practice import NOW
from tests.scripted import KEY, ORG, Scripted, other_organization, scripted
from tokendesk.config import load_settings
from tokendesk.current_snapshot import current_snapshot
from tokendesk.desk.lines import head_line
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import pull_profile

FILES = Path(__file__).with_name("files")
ANOTHER_DESK = "a" * 32
TOKENS = f"/admin/api-access/v1/orgs/{ORG}/api-tokens"


@dataclass
class Ground:
    home: Path
    server: Scripted

    @property
    def environ(self) -> dict[str, str]:
        return {
            "TOKENDESK_HOME": str(self.home),
            "TOKENDESK_API_URL": self.server.url,
            "TOKENDESK_ORG_ID": ORG,
            "TOKENDESK_API_KEY": self.server.key,
            STATE_VARIABLE: str(self.home / "state"),
        }

    @property
    def snapshot(self) -> Path:
        return current_snapshot(self.home / "default")

    def file(self, name: str, content: str | bytes) -> str:
        path = self.home / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def entries(self, lines: bytes) -> str:
        """Make a file of entries with these lines after its first one."""
        return self.file(f"{ANOTHER_DESK}.jsonl", f"{head_line(ANOTHER_DESK, ORG)}\n".encode() + lines + b"\n")

    def sparse(self, name: str, size: int) -> str:
        """Make a file that says it is large and takes no room."""
        path = self.home / name
        with path.open("wb") as file:
            file.truncate(size)
        return str(path)

    def tokens(self, content: Any, **headers: str) -> None:
        """Let the list of tokens answer this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.server.route("GET", TOKENS, lambda query, body: (200, content, named))

    def first_tokens(self, status: int, **headers: str) -> None:
        """Let the first question for tokens be answered with `status` and `headers`, the next as usual."""
        usual = self.server.routes["GET", TOKENS]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked: list[int] = []

        def answer(query: dict[str, list[str]], body: Any) -> Any:
            asked.append(1)
            return (status, {}, named) if len(asked) == 1 else usual(query, body)

        self.server.route("GET", TOKENS, answer)


def pulled(home: Path) -> None:
    """Fill `home` with what the server holds."""
    quiet: Callable[..., None] = lambda *_: None  # noqa: E731
    with scripted() as server:
        other_organization(server)
        ground = Ground(home, server)
        settings = load_settings(None, ground.environ)
        access = ApiAccess(server.url, ORG, Secret(KEY))
        asyncio.run(pull_profile(settings, access, quiet, quiet, clock=lambda: NOW))


@contextmanager
def ground_in(home: Path, pulled_once: Path) -> Iterator[Ground]:
    shutil.copytree(pulled_once, home, dirs_exist_ok=True)
    with scripted() as server:
        other_organization(server)
        yield Ground(home, server)


def page_of(**members: Any) -> bytes:
    """Return a page with one token that has these members."""
    return json.dumps({"data": [{"id": "tok-1", "user": {"id": "712020:aa"}, **members}]}).encode()

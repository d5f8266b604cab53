"""Defines a fault of the practice organization, and building blocks for faults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request: `turn` counts those of this method and path, `total` all of them, from 1.

    `since_move` counts those of this path since the latest move was accepted; 0 before any was.
    """

    method: str
    path: str
    turn: int
    total: int
    query: str = ""
    body: bytes = b""
    since_move: int = 0
    seed: int = 1
    """The seed of the practice organization: random losses hit the same requests again."""

    @property
    def content(self) -> dict[str, Any]:
        """The body of the request, if it is an object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def account_ids(self) -> list[str]:
        """The account ids of a bulk-fetch; empty for other requests."""
        found = self.content.get("accountIds") if self.path.endswith("bulk-fetch") else None
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether the connection is closed in the middle of the response."""

    @property
    def content(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def holding(self, content: Any) -> "Answer":
        return replace(self, body=json.dumps(content).encode())


Replacement = Callable[[RequestInfo], Answer | None]
"""Responds instead of the organization, which never receives the request."""
Rewrite = Callable[[RequestInfo, Answer], Answer]
Reroute = Callable[[str], str]
"""Changes the path of a request before the organization receives it."""


@dataclass(frozen=True, slots=True)
class Fault:
    help: str
    instead: Replacement | None = None
    rewrite: Rewrite | None = None
    reroute: Reroute | None = None
    seconds: float = 0.0


def error(status: int, title: str, headers: Mapping[str, str] | None = None) -> Answer:
    body = {"errors": [{"id": "fault", "status": str(status), "code": f"ADMIN-{status}-1", "title": title}]}
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})})


def on_path(part: str, answer: Callable[[], Answer]) -> Replacement:
    return lambda asked: answer() if part in asked.path else None


def pages(change: Callable[[RequestInfo, dict[str, Any]], None]) -> Rewrite:
    """Change pages of a list: objects with `data` and `links`."""

    def rewrite(asked: RequestInfo, answer: Answer) -> Answer:
        content = answer.content
        if answer.status != 200 or not isinstance(content, dict) or not isinstance(content.get("data"), list):
            return answer
        change(asked, content)
        return answer.holding(content)

    return rewrite


def items(change: Callable[[int, dict[str, Any]], None]) -> Rewrite:
    def each(_: RequestInfo, page: dict[str, Any]) -> None:
        for number, item in enumerate(page["data"]):
            change(number, item)

    return pages(each)

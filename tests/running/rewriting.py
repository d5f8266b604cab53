"""A server whose responses a test can rewrite."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.running.trouble import line_of

Answered = tuple[int, list[tuple[bytes, bytes]], bytes]
"""status, headers beside the length, body"""


@dataclass
class Rewriting:
    """Wraps an organization. `rule` gets a request's line (`POST add-users`, `GET task`) and what it was answered."""

    rule: Callable[[str, Answered], Answered] = lambda line, answered: answered
    lines: list[str] = field(default_factory=list)

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def rewritten(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status, headers, body = 500, list[tuple[bytes, bytes]](), b""

            async def take(message: Message) -> None:
                nonlocal status, headers, body
                if message["type"] == "http.response.start":
                    status, headers = message["status"], list(message["headers"])
                else:
                    body += message.get("body", b"")

            await app(scope, receive, take)
            line = line_of(scope)
            self.lines.append(line)
            told = [(name, value) for name, value in headers if name.lower() != b"content-length"]
            status, told, body = self.rule(line, (status, told, body))
            length = (b"content-length", str(len(body)).encode())
            await send({"type": "http.response.start", "status": status, "headers": [*told, length]})
            await send({"type": "http.response.body", "body": body})

        return rewritten

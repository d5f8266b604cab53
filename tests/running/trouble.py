"""A server that fails at the requests that a test names."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def line_of(scope: Scope) -> str:
    """Return what a request asks: `POST add-users`, `GET task`."""
    return "GET task" if "/task/" in scope["path"] else f"{scope['method']} {scope['path'].rsplit('/', 1)[-1]}"


@dataclass
class Trouble:
    """Wraps an organization. `rule` gets the request's line and its number among those alike, and says what to do:
    a status to answer in its place, `"lost"` to carry it out and drop the answer, or None to let it be."""

    rule: Callable[[str, int], int | str | None] = lambda line, number: None
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def troubled(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            line = line_of(scope)
            self.counts[line] += 1
            what = self.rule(line, self.counts[line])
            if isinstance(what, int):
                body = json.dumps({"errors": [{"code": f"ADMIN-{what}-1", "title": "Trouble"}]}).encode()
                headers = [(b"content-length", str(len(body)).encode()), (b"retry-after", b"0")]
                await send({"type": "http.response.start", "status": what, "headers": headers})
                await send({"type": "http.response.body", "body": body})
            elif what == "lost":
                await app(scope, receive, _swallow)
                # A length that is never reached: the connection ends in the middle of the answer.
                await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"9")]})
                await send({"type": "http.response.body", "body": b""})
            else:
                await app(scope, receive, send)

        return troubled


async def _swallow(_: Message) -> None:
    pass

"""Serves the practice organization over HTTP, as an ASGI application."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tokendesk.sandbox import access, audit, control, credential_lists, directory, user_management
from tokendesk.sandbox.auth import AuthMiddleware, Keys
from tokendesk.sandbox.events import EventBook
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.responses import Problem, answer_problem

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    method: str
    path: str
    query: str


class Sandbox:
    """Serves one organization.

    `requests` counts (method, path) pairs, `log` has the last requests in order, including those with faults.
    `handler` handles requests: assign a wrapper around it to make the sandbox misbehave.
    """

    def __init__(
        self,
        organization: Organization,
        keys: Keys | None = None,
        *,
        wrap: Callable[[ASGIApp], ASGIApp] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.organization = organization
        self.keys = keys or Keys.random()
        self.requests: Counter[tuple[str, str]] = Counter()
        self.log: deque[LoggedRequest] = deque(maxlen=_REMEMBERED)
        families = (directory, access, credential_lists, control, user_management, audit)
        routes = [route for family in families for route in family.ROUTES]
        starlette = Starlette(routes=routes, exception_handlers={Problem: answer_problem, HTTPException: _answer_http})
        self.state = starlette.state
        self.state.organization = organization
        self.state.keys = self.keys
        self.state.events = EventBook(organization)
        gate = AuthMiddleware(starlette, organization.id, self.keys, wall)
        self.handler: ASGIApp = wrap(gate) if wrap else gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = LoggedRequest(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
            self.requests[asked.method, asked.path] += 1
            self.log.append(asked)
            self.organization.tasks.settle()
        await self.handler(scope, receive, send)


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    """Answer unknown paths and methods as the gateway does, which is not documented."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"code": status, "message": str(getattr(error, "detail", ""))}, status, headers)

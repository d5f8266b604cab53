"""Common parts of API responses: the shapes of errors, cursors, times."""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse

from tokendesk.sandbox.organization import Organization


class Problem(Exception):
    """An error response; `body` is sent unchanged."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


async def answer_problem(_: Request, problem: Exception) -> JSONResponse:
    if not isinstance(problem, Problem):
        raise problem
    return JSONResponse(problem.body, status_code=problem.status)


def errors(status: int, code: str, title: str, detail: str | None = None) -> dict[str, Any]:
    """Return the error body of the Organizations and Control APIs."""
    error = {"id": str(uuid.uuid4()), "status": str(status), "code": code, "title": title, "detail": detail}
    return {"errors": [error]}


def refuse(status: int, code: str, title: str, detail: str | None = None) -> NoReturn:
    raise Problem(status, errors(status, code, title, detail))


def organization_of(request: Request) -> Organization:
    organization: Organization = request.app.state.organization
    return organization


def base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def json_body(request: Request, code: str = "ADMIN-400-24") -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        refuse(400, code, "Invalid request body", "The body is not JSON.")
    if not isinstance(body, dict):
        refuse(400, code, "Invalid request body", "The body is not an object.")
    return body


def strings(body: Mapping[str, Any], name: str, code: str = "ADMIN-400-24") -> list[str]:
    """Return a list of strings from a body, empty if the field is absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        refuse(400, code, "Invalid request body", f"{name} is not a list of strings.")
    return value


def integer(text: str | None, name: str, default: int, most: int, code: str = "ADMIN-400-24") -> int:
    """Return the page size: at least 1, silently limited to `most`."""
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        refuse(400, code, "Invalid parameter", f"{name} is not a positive integer.")
    return min(value, most)


def encode_cursor(name: str, **place: Any) -> str:
    """Return an opaque cursor into the list `name`."""
    text = json.dumps([name, place], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(name: str, text: str, code: str = "ADMIN-400-1", **defaults: Any) -> dict[str, Any]:
    """Return the values in a cursor of the list `name`, typed like `defaults`."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        of, values = json.loads(raw)
        if {k: type(v) for k, v in values.items()} == {k: type(v) for k, v in defaults.items()} and of == name:
            return dict(values)
    except (binascii.Error, ValueError, TypeError, AttributeError):
        pass
    refuse(400, code, "Invalid page cursor")

"""Exceptions for failed responses, each with the next step (api handbook 2 and 3.3)."""

import json
from typing import Any

from tokendesk.api.decoding import replace_surrogates
from tokendesk.errors import ApiError, InvalidResponse, KeyRefused, TokendeskError, UsageError
from tokendesk.model.text import printable

_SHOWN = 300


class NotInPlan(ApiError):
    """402: the organization's plan does not include the requested feature."""


class Forbidden(KeyRefused):
    """403: the key is valid, but not for this request."""


class NotFound(UsageError):
    """404: the organization, or the resource in it, does not exist. `said`: the detail in the response."""

    status = 404

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said

    @property
    def said_in_brackets(self) -> str:
        return f" ({self.said})" if self.said else ""


class InvalidId(InvalidResponse):
    """An id from Atlassian that cannot be used in a request."""


class NotExecuted(ApiError):
    """The request certainly changed nothing: it was rate limited, or never sent."""


class NotConnected(NotExecuted):
    """There was no connection: the network, a proxy or the certificate is in the way."""


class BadRequest(ApiError):
    """400 and other 4xx: Atlassian did not accept the request."""

    def __init__(self, message: str, status: int, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class ServerError(ApiError):
    """5xx: Atlassian is down, or could not handle the request."""

    def __init__(self, message: str, status: int, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


def error_detail(body: bytes) -> str:
    """Return the message in an error body as one short, printable line. Its shape varies (api handbook 3.3)."""
    text = replace_surrogates(body[:20_000]).decode()
    try:
        said = _said(json.loads(text))
    except (ValueError, RecursionError):
        said = "" if text.lstrip().startswith("<") else text
    return printable(" ".join(said.split()))[:_SHOWN]


def _said(answer: Any) -> str:
    if isinstance(answer, dict):
        if isinstance(answer.get("errors"), list):
            return _said(answer["errors"])
        titled = [str(answer[name]) for name in ("title", "detail") if answer.get(name)]
        if titled:
            return ": ".join(titled)
        for name in ("key", "message", "error", "code"):
            if answer.get(name):
                return str(answer[name])
        return ""
    if isinstance(answer, list):
        return "; ".join(filter(None, (_said(item) for item in answer[:3])))
    return str(answer)


def error_for_status(status: int, body: bytes, what: str, scope: str | None) -> TokendeskError:
    """Return the error for a response with `status` to the request named `what`, which needs `scope`."""
    said = error_detail(body)
    words = f" ({said})" if said else ""
    if status == 401:
        return KeyRefused(
            f"Atlassian does not accept the API key{words}: it is wrong, expired or revoked. "
            "Set TOKENDESK_API_KEY to a valid organization API key (Settings > API keys)."
        )
    if status == 402:
        return NotInPlan(f"{what}: the organization's plan does not include this{words}.")
    if status == 403:
        if b"insufficientScope" in body:
            return Forbidden(f"{what}: this needs an API key without scopes. Provide one for this run only.")
        need = f"Create a key with {scope}." if scope else "Create a key of this organization that has it."
        return Forbidden(f"{what}: this key has no permission{words}. {need}")
    if status == 404:
        return NotFound(f"{what}: not found{words}. Check the organization id and the API address.", said)
    if status == 429:
        return NotExecuted(f"{what}: Atlassian kept limiting the rate of requests. Try again later.")
    if status == 500:
        # Some of Atlassian's lists also return 500 for a parameter they reject.
        return ServerError(
            f"{what}: Atlassian returned HTTP 500{words}. Either it is down, or it rejects this request. "
            "Try again later; report it if this keeps happening.",
            status,
            said,
        )
    if status > 500:
        return ServerError(f"{what}: Atlassian kept returning HTTP {status}{words}. Try again later.", status, said)
    if 300 <= status < 400:
        return ApiError(
            f"{what}: the server redirects (HTTP {status}), and tokendesk does not follow. Check the API address."
        )
    return BadRequest(
        f"{what}: Atlassian returned HTTP {status}{words}. Try again; report it if this keeps happening.", status, said
    )

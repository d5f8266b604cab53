"""What a failed answer means here, and the next step (api handbook 2 and 3.3)."""

import json
from typing import Any

from tokendesk.api.decoding import whole_characters
from tokendesk.errors import ApiFailed, BadAnswer, KeyRefused, TokendeskError, UsageError
from tokendesk.model.text import clean

_SHOWN = 300


class NotInPlan(ApiFailed):
    """402: the organization's plan does not include what was asked for."""


class NotAllowed(KeyRefused):
    """403: the key is good, but not for this."""


class NotThere(UsageError):
    """404: the organization, or what was asked for in it, does not exist. `said`: what the answer said of it."""

    status = 404

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said

    @property
    def words(self) -> str:
        return f" ({self.said})" if self.said else ""


class NoId(BadAnswer):
    """What was given for an id is none, and cannot be asked about."""


class NotCarriedOut(ApiFailed):
    """The request surely changed nothing: it was turned away at the limit, or never left."""


class BadRequest(ApiFailed):
    """400 and the like: Atlassian did not accept what was sent."""

    def __init__(self, message: str, status: int, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class ServerError(ApiFailed):
    """5xx: Atlassian is down, or could not make sense of the question."""

    def __init__(self, message: str, status: int, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


def detail(body: bytes) -> str:
    """Return what an error body says, on one clean and short line. Its shape varies (api handbook 3.3)."""
    text = whole_characters(body[:20_000]).decode()
    try:
        said = _said(json.loads(text))
    except (ValueError, RecursionError):
        said = "" if text.lstrip().startswith("<") else text
    return clean(" ".join(said.split()))[:_SHOWN]


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


def problem(status: int, body: bytes, what: str, scope: str | None) -> TokendeskError:
    """Return the error for an answer with `status` to the request named `what`, which needs `scope`."""
    said = detail(body)
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
            return NotAllowed(f"{what}: this needs an API key without scopes. Supply one for the run only.")
        need = f"Make a key with {scope}." if scope else "Make a key of this organization that may."
        return NotAllowed(f"{what}: this key may not do that{words}. {need}")
    if status == 404:
        return NotThere(f"{what}: not found{words}. Check the organization id and the API address.", said)
    if status == 429:
        return NotCarriedOut(f"{what}: Atlassian kept asking to wait. Try again in a while.")
    if status == 500:
        # Some of Atlassian's lists answer a parameter that they do not like with 500 as well.
        return ServerError(
            f"{what}: Atlassian answered 500{words}. Either it is down, or it refuses the question in this form. "
            "Try again later; report it if it stays.",
            status,
            said,
        )
    if status > 500:
        return ServerError(f"{what}: Atlassian kept answering {status}{words}. Try again later.", status, said)
    if 300 <= status < 400:
        return ApiFailed(f"{what}: redirected ({status}), which is not followed. Check the API address.")
    return BadRequest(f"{what}: answered {status}{words}. Try again; report it if it stays.", status, said)

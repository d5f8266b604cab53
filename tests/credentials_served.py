"""Serves lists of credentials in place of the practice organization's own."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.practice import organization, pull_quietly, serving_access, settings_in
from tokendesk.api.credential_lists import CREDENTIAL_LISTS
from tokendesk.config import Settings

_NAMES = {f"/{each.path}": each.name for each in CREDENTIAL_LISTS}
Answering = Callable[[str, Scope], Response | None]


class Instead:
    """Answers requests for lists of credentials in place of the organization, as `answer` says; notes all paths."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.paths: list[str] = []

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def instead(scope: Scope, receive: Receive, send: Send) -> None:
            response = None
            if scope["type"] == "http":
                self.paths.append(scope["path"])
                name = next((_NAMES[end] for end in _NAMES if scope["path"].partition("/orgs/")[2].endswith(end)), "")
                if name and not scope["path"].endswith(("/count", f"/{organization().id}/api-tokens")):
                    response = self.answer(name, scope)
            await (response or app)(scope, receive, send)

        return instead

    @property
    def of_lists(self) -> list[str]:
        return [path for path in self.paths if path.partition(organization().id)[2] in _NAMES]


def of_status(status: int) -> Answering:
    return lambda name, scope: JSONResponse({"code": status, "message": "no"}, status)


def holding(content: Any) -> Answering:
    return lambda name, scope: JSONResponse(content)


ADMIN = {"id": organization().person(0).account_id, "name": organization().person(0).name}
LISTED: dict[str, list[dict[str, Any]]] = {
    "api-keys": [
        {"id": "k1", "label": "SIEM", "createdAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-12-10T00:00:00Z",
         "lastActiveAt": "2026-11-22T00:00:00Z", "createdBy": ADMIN, "scopes": ["read:events:admin"]},
        {"id": "k2", "label": "all rights", "createdAt": "2026-01-01T00:00:00Z", "expiresAt": "2027-06-01T00:00:00Z",
         "createdBy": {"id": "gone", "name": "Somebody Left"}},
        {"id": "k3", "label": "no end", "createdAt": "2026-11-20T00:00:00Z", "scopes": ["read:orgs:admin"]},
        {"id": "k4", "label": "withdrawn", "revocationDate": "2026-10-01", "expiresAt": "2026-12-01T00:00:00Z"},
    ],
    "service-accounts": [
        {"id": "s1", "displayName": "Importer", "status": "ACTIVE", "description": "Imports", "email": "i@example.com"},
        {"id": "s2", "displayName": "Idle account", "status": "INACTIVE"},
    ],
    "service-tokens": [
        {"id": "t1", "label": "importer", "serviceAccountId": "s1", "scopes": ["write:jira-work", "read:jira-user"],
         "lastActiveAt": "2026-01-01T00:00:00Z"},
        {"id": "t2", "label": "reader", "serviceAccountId": "s1", "scopes": ["read:page:confluence"]},
        {"id": "t3", "label": "classic", "serviceAccountId": "unknown"},
    ],
    "service-clients": [{"clientId": "c1", "clientName": "app", "serviceAccountId": "s1", "odd": {"deep": [1]}}],
    "oauth-clients": [],
}  # fmt: skip


def answering(lists: dict[str, list[dict[str, Any]]]) -> Callable[[str, Scope], Response]:
    return lambda name, scope: JSONResponse({"items": lists[name]})


def pulled_lists(home: Path, lists: dict[str, list[dict[str, Any]]] = LISTED) -> Settings:
    settings = settings_in(home)
    with serving_access(organization(), Instead(answering(lists))) as access:
        asyncio.run(pull_quietly(settings, access))
    return settings

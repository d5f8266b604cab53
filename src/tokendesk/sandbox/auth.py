"""Checks keys and the organization's id, and adds the rate-limit headers of the admin APIs."""

import re
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokendesk.sandbox.responses import errors

_ORG = re.compile(r"/admin/(?:v1|v2|api-access/v1|control/v1)/orgs/([^/]+)")
_SCOPES = (
    (re.compile(r"/orgs/[^/]+/api-tokens(?:/count)?"), "read:tokens:admin"),
    (re.compile(r"/orgs/[^/]+/api-keys(?:/count)?"), "read:keys:admin"),
    (re.compile(r"/orgs/[^/]+/service-accounts"), "read:service-accounts:admin"),
    (re.compile(r"/orgs/[^/]+/service-accounts/.*"), "read:service-accounts-tokens:admin"),
    (re.compile(r"/orgs/[^/]+/oauth-clients"), "read:service-accounts-tokens:admin"),
)
"""The scope that each list of credentials needs (api handbook 2), by the end of its path."""
_ACCESS = "/admin/api-access/v1"
_ID = re.compile(r"/(?:[a-z0-9]{6}:)?[0-9a-f]{8}-?[0-9a-f-]{20,}(?=/|$)")
# Far above what a pull of 150,000 users needs: rate limits are available as faults.
LIMIT, PERIOD = 100_000, 60


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`scoped` may do everything except user management, and without the scopes `lacking`; `unscoped` everything."""

    scoped: str
    unscoped: str
    lacking: frozenset[str] = frozenset()

    @classmethod
    def random(cls) -> "Keys":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))


class AuthMiddleware:
    def __init__(self, app: ASGIApp, org_id: str, keys: Keys, wall: Callable[[], float]) -> None:
        self._app = app
        self._org_id = org_id
        self._keys = keys
        self._wall = wall
        self._period = 0
        self._used: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/admin/"):
            send = self._counting(scope["method"] + _ID.sub("/*", path), send)
        refusal = self._refusal(path, Headers(scope=scope).get("authorization", ""))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, path: str, authorization: str) -> JSONResponse | None:
        scheme, _, key = authorization.partition(" ")
        scoped = secrets.compare_digest(key.encode(), self._keys.scoped.encode())
        unscoped = secrets.compare_digest(key.encode(), self._keys.unscoped.encode())
        if scheme.lower() != "bearer" or not (scoped or unscoped):
            return JSONResponse({"code": 401, "message": "Unauthorized"}, 401)
        org = _ORG.match(path)
        if org and org[1] != self._org_id:
            return JSONResponse(errors(404, "ADMIN-404-2", "Organization not found"), 404)
        if path.startswith("/users/") and not unscoped:
            message = "The API key lacks the scope manage:org."
            return JSONResponse({"key": "forbidden", "error": "insufficientScope", "message": message}, 403)
        if (scope := _scope_for(path)) in self._keys.lacking and not unscoped:
            return JSONResponse(errors(403, "ADMIN-403-3", "Not allowed", f"The API key lacks the scope {scope}."), 403)
        return None

    def _counting(self, endpoint: str, send: Send) -> Send:
        # The wall clock, even if the organization's time is frozen: a client waits in real time.
        period = int(self._wall()) // PERIOD
        if period != self._period:
            self._period = period
            self._used.clear()
        self._used[endpoint] += 1
        reset = datetime.fromtimestamp((period + 1) * PERIOD, UTC)
        remaining = max(0, LIMIT - self._used[endpoint])

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-RateLimit-Limit"] = str(LIMIT)
                headers["X-RateLimit-Remaining"] = str(remaining)
                headers["X-RateLimit-Reset"] = reset.strftime("%Y-%m-%dT%H:%M:%SZ")
            await send(message)

        return counted


def _scope_for(path: str) -> str | None:
    inside = path.removeprefix(_ACCESS)
    return next((scope for pattern, scope in _SCOPES if pattern.fullmatch(inside)), None) if inside != path else None

"""A small HTTP server for the handbook's API that differs in paging, shapes and behaviour."""

import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

ORG = "7c1e5a52-0000-4000-8000-00000000c0de"
KEY = "example-key"

Answer = tuple[int, Any, dict[str, str]]
Handler = Callable[[dict[str, list[str]], Any], Answer | None]


class Scripted:
    """Routes by method and path; `seen` lists what was asked. A handler that returns None drops the connection."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Handler] = {}
        self.seen: list[tuple[str, str]] = []
        self.failures: list[str] = []
        self.authorizations: set[str | None] = set()
        self.key = KEY
        self.url = ""

    def route(self, method: str, path: str, handler: Handler) -> None:
        self.routes[method, path.replace("{org}", ORG)] = handler

    def asked(self, path_end: str) -> int:
        return sum(path.endswith(path_end) for _, path in self.seen)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep it for the end: standard error belongs to the program under test."""
        if not isinstance(sys.exception(), ConnectionError):  # who leaves early has seen enough
            script: Scripted = self.script  # type: ignore[attr-defined]
            script.failures.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        script: Scripted = self.server.script  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        data = self.rfile.read(length)
        if len(data) < length:
            return  # the client left in the middle of its question
        body = json.loads(data) if length else None
        script.seen.append((self.command, parts.path))
        script.authorizations.add(self.headers.get("authorization"))
        handler = script.routes.get((self.command, parts.path))
        answer: Answer | None
        if self.headers.get("authorization") != f"Bearer {script.key}":
            answer = (401, {"code": 401, "message": "Unauthorized"}, {})
        elif handler is None:
            answer = (404, {"errors": [{"code": "ADMIN-404-2", "title": "Organization not found"}]}, {})
        else:
            answer = handler(parse_qs(parts.query), body)
        if answer is None:
            self.close_connection = True
            return
        status, content, headers = answer
        reply = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve


@contextmanager
def scripted() -> Iterator[Scripted]:
    script = Scripted()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.script = script  # type: ignore[attr-defined]
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not script.failures, script.failures[0]


TOKENS: list[dict[str, Any]] = [
    {
        "id": "tok-1",
        "label": "quarter close",
        "status": "ALLOWED",
        "createdAt": "2026-03-01T10:00:00.123+00:00",
        "expiresAt": "2027-02-28T00:00:00Z",
        "lastActiveAt": "2026-10-01T01:02:03Z",
        "user": {"id": "712020:aa", "name": "Ada Example", "email": "ada@example.com"},
        "scopes": ["read:jira-work"],
        "colour": "mauve",
    },
    {"id": "tok-2", "label": "[/b] \x1b[31mred", "status": "PAUSED", "user": {"id": "712020:bb"}},
    {
        "id": "tok-3",
        "createdAt": "once",
        "expiresAt": None,
        "user": {"id": "gone", "name": "Gone", "email": "g@example.com"},
    },
]
USERS: list[dict[str, Any]] = [
    {"accountId": "712020:aa", "name": "Ada Example", "email": "Ada@example.com", "accountStatus": "active"},
    {"accountId": "712020:bb", "name": "Bo Test", "email": "bo@example.com", "accountStatus": "inactive"},
    {"accountId": "712020:cc", "name": "Cy Sample", "accountStatus": "frozen", "shoe": 44},
]


def other_organization(script: Scripted) -> None:
    """An organization served unlike the practice one: pages of one, links as full URLs where bare ones are usual."""

    def org(query: dict[str, list[str]], body: Any) -> Answer:
        return 200, {"data": {"id": ORG, "type": "orgs", "attributes": {"name": "Elsewhere Ltd"}}}, {}

    def tokens(query: dict[str, list[str]], body: Any) -> Answer:
        at = int(query.get("cursor", ["0"])[0])
        more = f"{script.url}/anything?cursor={at + 1}&x=1" if at + 1 < len(TOKENS) else None
        return 200, {"data": TOKENS[at : at + 1], "links": {"next": more}}, {}

    def users(query: dict[str, list[str]], body: Any) -> Answer:
        at = int(body.get("cursor", "0"))
        more = str(at + 2) if at + 2 < len(USERS) else ""
        return 200, {"data": USERS[at : at + 2], "links": {"next": more}}, {}

    def policies(query: dict[str, list[str]], body: Any) -> Answer:
        nested = {
            "712020:aa": {"email": "ADA@example.com", "policy": {"id": "pol-1", "name": "Main"}},
            "712020:bb": {"accountId": "712020:bb", "authPolicyId": "pol-2"},
        }
        return 200, [nested[i] for i in body["accountIds"] if i in nested], {}

    script.route("GET", "/admin/v1/orgs/{org}", org)
    script.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens", tokens)
    script.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens/count", lambda q, b: (200, 3, {}))
    script.route("POST", "/admin/v2/orgs/{org}/directories/-/users/search", users)
    script.route("POST", "/admin/control/v1/orgs/{org}/users/auth-policies/bulk-fetch", policies)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted() as script:
        other_organization(script)
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
        monkeypatch.setenv("TOKENDESK_API_URL", script.url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", ORG)
        monkeypatch.setenv("TOKENDESK_API_KEY", KEY)
        yield script

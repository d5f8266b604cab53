"""A home in which every text from outside contains terminal control sequences."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.scripted import KEY, ORG, TOKENS, USERS, Answer, Scripted, scripted
from tokendesk.cli import main
from tokendesk.config import load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.lines import entry_line, head_line

EVIL = "\x1b]2;title\x07\x1b[2J\r\x9b31m\u202e\u2066\u2028\x7f[/markup][b]"
"""ESC, OSC, C1, CR, DEL, marks that turn the direction, a separator of lines; and markup that is nobody's."""
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_OURS = re.compile("\r(?: +\r|\n)")
"""What the program itself sends, beside words: to renew the line of progress. A terminal ends lines with the other."""


def obeyed(drawn: str) -> list[str]:
    """Return what a terminal would obey, with the words around it."""
    drawn = _OURS.sub("\n", drawn)
    return [ascii(drawn[max(0, m.start() - 60) : m.end() + 20]) for m in OBEYED.finditer(drawn)]


def tainted(value: Any) -> Any:
    if isinstance(value, str):
        return value + EVIL
    if isinstance(value, list):
        return [tainted(item) for item in value]
    return {name: tainted(item) for name, item in value.items()} if isinstance(value, dict) else value


_WHO = {"id": "712020:aa", "name": "Ada", "email": "ada@example.com"}
_TIMES = {
    "createdAt": "2026-01-10T00:00:00Z", "expiresAt": "2099-01-01T00:00:00Z", "lastActiveAt": "2026-10-01T00:00:00Z",
}  # fmt: skip
_ALL = {
    "createdBy": _WHO, "scopes": ["read:jira-work", "read:odd"], "status": "ACTIVE", "description": "of old",
    f"odd{EVIL}": {f"deep{EVIL}": ["more"]}, **_TIMES,
}  # fmt: skip
_OF_ACCOUNT = {"serviceAccountId": "acc-1"}
CREDENTIALS: dict[str, list[dict[str, Any]]] = {
    "api-keys": [{"id": "key-1", "label": "a key", **_ALL}, {"id": "key-2", "label": "another", **_ALL}],
    "service-accounts": [
        {"id": "acc-1", "displayName": "a robot", "email": "robot@example.com", "createdById": "712020:aa", **_ALL}
    ],
    "service-accounts/api-tokens": [{"id": "token-1", "label": "of a robot", **_OF_ACCOUNT, **_ALL}],
    "service-accounts/oauth-clients": [{"clientId": "client-1", "clientName": "an app", **_OF_ACCOUNT, **_ALL}],
    "oauth-clients": [{"clientId": "client-2", "clientName": "a web app", **_ALL}],
}
"""Items with every member that is read, by path."""


def _tainted_credentials(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Taint all members; the first item keeps its times, so that they are read."""
    found: list[dict[str, Any]] = tainted(deepcopy(items))
    found[0].update(_TIMES)
    return found


def _answers(script: Scripted) -> None:
    tokens, users = tainted(deepcopy(TOKENS)), tainted(deepcopy(USERS))
    for name in ("createdAt", "expiresAt", "lastActiveAt"):
        tokens[0][name] = TOKENS[0][name]

    def policies(query: dict[str, list[str]], body: Any) -> Answer:
        found = [{"accountId": i, "policy": {"id": f"pol{n % 2}{EVIL}", "name": f"Main {n % 2}{EVIL}"}}
                 for n, i in enumerate(body["accountIds"])]  # fmt: skip
        return 200, found[:2], {}

    def reply(content: Any, status: int = 200) -> Callable[[dict[str, list[str]], Any], Answer]:
        return lambda query, body: (status, content, {})

    script.route("GET", "/admin/v1/orgs/{org}", reply({"data": {"id": ORG, "attributes": {"name": f"Acme{EVIL}"}}}))
    script.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens", reply({"data": tokens, "links": {}}))
    script.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens/count", reply(3))
    for path, items in CREDENTIALS.items():
        script.route(
            "GET",
            f"/admin/api-access/v1/orgs/{{org}}/{path}",
            reply({"data": _tainted_credentials(items), "links": {}}),
        )
    script.route("POST", "/admin/v2/orgs/{org}/directories/-/users/search", reply({"data": users, "links": {}}))
    script.route("POST", "/admin/control/v1/orgs/{org}/users/auth-policies/bulk-fetch", policies)


def _entries_of_a_colleague() -> list[tuple[str, dict[str, Any]]]:
    user, policy, token = f"712020:aa{EVIL}", f"pol0{EVIL}", f"tok-1{EVIL}"
    row = {
        "account_id": user, "name": f"Ada{EVIL}", "email": f"ada{EVIL}", "from_id": policy, "to_id": f"pol1{EVIL}",
        "tokens": [], "outcome": "do", "reason": EVIL,
    }  # fmt: skip
    plan = {"rows": [row], "kind": "move", "undoes": None, "quarantine_until": f"2026-01-01{EVIL}"}
    note = {name: f"{name}{EVIL}" for name in ("purpose", "contact", "remarks", "answer", "target", "review_by")}
    return [
        ("policy", {"policy": policy, "fields": {"name": f"Main{EVIL}", "tokens": EVIL, "remarks": EVIL}}),
        ("policy", {"policy": f"new{EVIL}", "fields": {"name": f"New{EVIL}", "tokens": f"allowed{EVIL}"}}),
        ("note", {"about": "token", "subjects": [token], "fields": {**note, f"tag:evil{EVIL}": "true"}}),
        (
            "note",
            {"about": "token", "subjects": [f"tok-2{EVIL}"], "fields": {"decision": f"keep{EVIL}", "purpose": "x"}},
        ),
        ("note", {"about": "user", "subjects": [user], "fields": {**note, "decision": "move"}}),
        (
            "note",
            {
                "about": "credential",
                "subjects": [f"key:key-1{EVIL}"],
                "fields": {**note, "decision": "rotate", "renewal": f"asked{EVIL}", "replaces": f"key:old{EVIL}"},
            },
        ),
        ("goal", {"policy": policy}),
        (f"kind{EVIL}", {"any": EVIL}),
        ("run-begun", {"plan": plan, "digest": EVIL, "key": f"key{EVIL}"}),
    ]


def _from_a_colleague(home: Path) -> Path:
    with Desk(home / "colleague.sqlite", author=f"mallory{EVIL}") as desk:
        desk.bind_organization(ORG)
        for kind, payload in _entries_of_a_colleague():
            entry = desk.append(kind, payload)
        run, user = entry.entry_id, f"712020:aa{EVIL}"
        desk.append("run-intended", {"run": run, "batch": 1, "to": f"pol1{EVIL}", "rows": {user: f"pol0{EVIL}"}})
        desk.append("run-outcomes", {"run": run, "rows": {user: [f"moved{EVIL}", EVIL, f"pol1{EVIL}"]}})
        desk.append("run-verified", {"run": run, "rows": {user: f"pol1{EVIL}"}})
        desk.append("run-ended", {"run": run, "state": "stopped", "words": f"because{EVIL}"})
        file = home / "colleague.jsonl"
        lines = [head_line(desk.desk_id, ORG), *(entry_line(one) for one in desk.entries())]
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


@contextmanager
def hostile_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Pull twice from a hostile server, take a colleague's hostile entries in, and keep both snapshots."""
    with scripted() as script:
        _answers(script)
        for name, value in {"HOME": str(home), "API_URL": script.url, "ORG_ID": ORG, "API_KEY": KEY}.items():
            monkeypatch.setenv(f"TOKENDESK_{name}", value)
        quoted = EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00")
        (home / "config.toml").write_text(
            f'author = "me{quoted}"\n[profiles.default]\norg_id = "{ORG}"\nkey_label = "label{quoted}"\n'
            f'admin_emails = ["boss{quoted}"]\nnever_touch = ["never{quoted}"]\n',
            "utf-8",
        )
        assert main(["pull"]) == 0
        assert main(["snapshot", "save", str(home / "before.sqlite")]) == 0
        script.routes["GET", f"/admin/api-access/v1/orgs/{ORG}/api-tokens"] = lambda query, body: (
            200, {"data": tainted([*deepcopy(TOKENS[:2]), {"id": "tok-9", "label": "new", "status": "NEW"}])}, {},
        )  # fmt: skip
        script.routes["GET", f"/admin/api-access/v1/orgs/{ORG}/api-keys"] = lambda query, body: (
            200, {"data": tainted([{**CREDENTIALS["api-keys"][0], "label": "renamed", "scopes": ["read:other"]}])}, {},
        )  # fmt: skip
        assert main(["pull"]) == 0
        assert main(["snapshot", "save", "--with-notes", str(home / "after.sqlite")]) == 0
        assert main(["desk", "import", str(_from_a_colleague(home)), "--apply"]) == 0
        yield script


def run_of_the_colleague() -> str:
    with Desk(load_settings().paths.desk) as desk:
        return next(entry.entry_id for entry in desk.entries() if entry.kind == "run-begun")

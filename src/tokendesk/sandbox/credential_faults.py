"""Faults in the lists of API keys, service accounts, their tokens, and OAuth clients.

The items of most of these lists are not documented (api handbook 6.3): a client has to bear more shapes than one.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tokendesk.sandbox.fault import Answer, Fault, Replacement, RequestInfo, Rewrite, error

_LISTS = {
    "apiKeys": re.compile(r"/admin/api-access/.*/api-keys"),
    "serviceAccounts": re.compile(r"/admin/api-access/.*/service-accounts"),
    "apiTokens": re.compile(r"/admin/api-access/.*/service-accounts/(?:.*/)?api-tokens"),
    "oauthClients": re.compile(r"/admin/api-access/.*/oauth-clients"),
}
_IDS = ("id", "clientId", "atlassianId")
_TIMES = ("createdAt", "expiresAt", "lastActiveAt", "lastUsedAt")
FIRST_AGAIN = "first-page-again"
"""A cursor that leads to the first page."""
HUGE = 200_000
"""Characters of a huge label."""
PLACEHOLDER = "not-a-real-secret"


def list_name(path: str) -> str | None:
    """Return which list of credentials a path asks for; None for other paths."""
    return next((name for name, pattern in _LISTS.items() if pattern.fullmatch(path)), None)


def _instead(answer: Callable[[], Answer], *, experimental: bool = False) -> Replacement:
    """Answer so in place of each list, or of the experimental ones."""

    def replace(asked: RequestInfo) -> Answer | None:
        name = list_name(asked.path.removesuffix("/count"))
        return answer() if name and not (experimental and name == "apiKeys") else None

    return replace


def _pages(change: Callable[[str, dict[str, Any]], Any]) -> Rewrite:
    """Change the pages of the lists: `change` gets the name of the list and a page, and returns another body."""

    def rewrite(asked: RequestInfo, answer: Answer) -> Answer:
        name, content = list_name(asked.path), answer.content
        if name is None or answer.status != 200 or not isinstance(content, dict):
            return answer
        return answer.holding(change(name, content))

    return rewrite


def _lists(change: Callable[[list[Any]], list[Any]]) -> Rewrite:
    """Change the items of each page, all at once."""
    return _pages(lambda _, page: page | {k: change(v) for k, v in page.items() if isinstance(v, list)})


def _items(change: Callable[[int, dict[str, Any]], Any]) -> Rewrite:
    """Change each item: `change` gets its place on the page, and the item."""
    return _lists(lambda found: [change(n, item) if isinstance(item, dict) else item for n, item in enumerate(found)])


def _under(name: Callable[[str], str]) -> Rewrite:
    """Put the items under another member of the page."""

    def change(of: str, page: dict[str, Any]) -> dict[str, Any]:
        return {name(of) if isinstance(value, list) else member: value for member, value in page.items()}

    return _pages(change)


def _bare(_: str, page: dict[str, Any]) -> Any:
    return next((value for value in page.values() if isinstance(value, list)), page)


def _renamed(names: Mapping[str, str]) -> Rewrite:
    return _items(lambda _, item: {names.get(name, name): value for name, value in item.items()})


_SHORT_NAMES = {
    "label": "name", "createdAt": "created", "expiresAt": "expiry", "lastActiveAt": "lastAccess",
    "clientId": "id", "clientName": "name", "lastUsedAt": "lastAccess", "displayName": "name", "updatedAt": "updated",
}  # fmt: skip
_LONG_NAMES = {
    "label": "tokenLabel", "createdAt": "creationDate", "expiresAt": "expirationDate", "lastActiveAt": "lastUsed",
    "clientName": "name", "lastUsedAt": "lastUsed", "displayName": "accountName", "serviceAccountId": "accountId",
    "scopes": "grantedScopes",
}  # fmt: skip


def _long_names(name: str, page: dict[str, Any]) -> dict[str, Any]:
    ids = {"apiTokens": "tokenId", "apiKeys": "apiKeyId", "serviceAccounts": "serviceAccountId"}
    names = _LONG_NAMES | ({"id": ids[name]} if name in ids else {})
    return {
        member: [{names.get(k, k): v for k, v in item.items()} if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for member, value in page.items()
    }


def _milliseconds(_: int, item: dict[str, Any]) -> dict[str, Any]:
    times = {name: item[name] for name in _TIMES if isinstance(item.get(name), str)}
    return item | {name: int(datetime.fromisoformat(text).timestamp() * 1000) for name, text in times.items()}


def _nested(number: int, item: dict[str, Any]) -> dict[str, Any]:
    return item | {
        "mood": {"is": [number, {"and": ["so", None, True]}]},
        "owner": {"team": {"name": "Platform", "members": [1, 2]}},
        "tags": [["a"], {"b": {}}, "c"],
        "rate": 0.5,
    }


def _documented(_: int, item: dict[str, Any]) -> dict[str, Any]:
    """Add the members of older documentation (second look 5)."""
    if "systemAccountId" not in item:
        return item
    maker = item.get("createdBy", {}) | {"appType": None, "orgId": item["orgId"], "userStatus": "ACTIVE"}
    later = {"targetResources": [item["resource"]], "token": None, "revokedBy": None, "revocationDate": None}
    return item | later | {"createdBy": maker}


def _with_others(found: list[Any]) -> list[Any]:
    """Put what is no object before, between and after the objects."""
    return ["a text", *[each for item in found for each in (item, None)], 7, ["a", "list"], True]


def _without_id(number: int, item: dict[str, Any]) -> dict[str, Any]:
    return item if number else {name: value for name, value in item.items() if name not in _IDS}


def _twice(found: list[Any]) -> list[Any]:
    """Give the second item the ids of the first."""
    if len(found) < 2 or not all(isinstance(item, dict) for item in found[:2]):
        return found
    first, second, *rest = found
    return [first, second | {name: first[name] for name in _IDS if name in first}, *rest]


def _next(link: str) -> Rewrite:
    return _pages(lambda _, page: page | {"links": {"next": link}})


def _larger_total(_: str, page: dict[str, Any]) -> dict[str, Any]:
    return page | ({"total": page["total"] * 2 + 5} if isinstance(page.get("total"), int) else {})


def _huge(_: int, item: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in ("label", "clientName", "displayName") if isinstance(item.get(name), str)]
    return item | {name: (item[name] + " ") * (HUGE // (len(item[name]) + 1) + 1) for name in names}


def _with_secret(_: int, item: dict[str, Any]) -> dict[str, Any]:
    return item | {"clientSecret" if "clientId" in item else "token": PLACEHOLDER}


def _html() -> Answer:
    return Answer(200, b"<html><body><h1>Sign in</h1></body></html>", {"content-type": "text/html"})


CREDENTIAL_FAULTS: Mapping[str, Fault] = {
    "404-credentials": Fault("no list of credentials exists", _instead(lambda: error(404, "Not found"))),
    "403-credentials": Fault("the key may not read credentials", _instead(lambda: error(403, "Not allowed"))),
    "402-credentials": Fault("the plan has no credentials", _instead(lambda: error(402, "Not in your plan"))),
    "500-credentials": Fault("lists of credentials always fail", _instead(lambda: error(500, "Server error"))),
    "404-experimental": Fault(
        "service accounts and OAuth clients do not exist, API keys do",
        _instead(lambda: error(404, "Not found"), experimental=True),
    ),
    "html-credentials": Fault("sign-in pages in place of credentials", _instead(_html)),
    "credentials-bare": Fault("credentials as a list without a page", rewrite=_pages(_bare)),
    "credentials-data": Fault("credentials under `data`", rewrite=_under(lambda _: "data")),
    "credentials-items": Fault("credentials under `items`", rewrite=_under(lambda _: "items")),
    "credentials-values": Fault("credentials under `values`", rewrite=_under(lambda _: "values")),
    "credentials-named": Fault(
        "credentials under a name of their own, as `serviceAccounts`", rewrite=_under(lambda name: name)
    ),
    "credentials-short-names": Fault("credentials with `name`, `created`, `expiry`", rewrite=_renamed(_SHORT_NAMES)),
    "credentials-long-names": Fault(
        "credentials with `tokenId`, `creationDate`, `expirationDate`", rewrite=_pages(_long_names)
    ),
    "credentials-milliseconds": Fault("times of credentials as numbers", rewrite=_items(_milliseconds)),
    "credentials-nested": Fault("unrequested objects and lists in credentials", rewrite=_items(_nested)),
    "keys-documented": Fault("API keys with the members of older documentation", rewrite=_items(_documented)),
    "credentials-not-objects": Fault("texts, numbers and lists among credentials", rewrite=_lists(_with_others)),
    "credentials-without-id": Fault("a credential without an id", rewrite=_items(_without_id)),
    "credentials-twice": Fault("two credentials with one id", rewrite=_lists(_twice)),
    "credentials-endless": Fault("lists of credentials link to one page for ever", rewrite=_next(FIRST_AGAIN)),
    "credentials-foreign-next": Fault(
        "lists of credentials link to another host", rewrite=_next("https://elsewhere.example.com/?cursor=1")
    ),
    "credentials-total": Fault("a total larger than what comes", rewrite=_pages(_larger_total)),
    "credentials-secret": Fault("the value of a secret in each credential", rewrite=_items(_with_secret)),
    "credentials-huge-labels": Fault(f"labels of {HUGE:,} characters and more", rewrite=_items(_huge)),
}  # fmt: skip

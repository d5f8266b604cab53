"""Faults in the lists of tokens and users."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from tokendesk.sandbox.fault import Answer, Fault, RequestInfo, Rewrite, error, items, on_path, pages


def _is_token_list(path: str) -> bool:
    """Whether a path asks for the user tokens of the organization."""
    return re.fullmatch(r"/admin/api-access/v1/orgs/[^/]+/api-tokens", path) is not None


def _page_size(asked: RequestInfo) -> int:
    """Return the page size in a request for tokens; 0 for other requests."""
    is_list = _is_token_list(asked.path)
    found = re.search(r"(?:^|&)pageSize=(\d{1,6})(?:&|$)", asked.query)
    return int(found[1]) if is_list and found else 0


def _small_pages(asked: RequestInfo) -> Answer | None:
    return error(400, "pageSize is too large") if _page_size(asked) > 100 else None


def _truncated(asked: RequestInfo, answer: Answer) -> Answer:
    content = answer.content
    if _page_size(asked) <= 100 or not isinstance(content, dict) or len(content.get("data", ())) < 2:
        return answer
    return answer.holding(content | {"data": content["data"][:1], "links": {"next": None}})


def _without_page_size(asked: RequestInfo) -> Answer | None:
    is_list = asked.method == "GET" and _is_token_list(asked.path)
    return error(500, "Internal server error") if is_list and "pageSize=" not in asked.query else None


def _cursor_with_filters(asked: RequestInfo) -> Answer | None:
    if not asked.path.endswith("/users/search") or not {"cursor"} < set(asked.content):
        return None
    return error(400, "If you sent the cursor field, no other field can be provided")


def _forgets(asked: RequestInfo, page: dict[str, Any]) -> None:
    """Ignore filters and `expand` for a page requested by cursor only."""
    if not asked.path.endswith("/users/search") or set(asked.content) != {"cursor"}:
        return
    for user in page["data"]:
        for name in ("platformRoles", "productAccess"):
            user.pop(name, None)
    if page["data"]:
        last = page["data"][-1]
        page["data"].append({**last, "accountId": f"{last['accountId']}-guest", "claimStatus": "unmanaged"})


def _statuses(change: Callable[[str], str]) -> Rewrite:
    def each(_: int, item: dict[str, Any]) -> None:
        if "label" in item and isinstance(item.get("status"), str):
            item["status"] = change(item["status"])

    return items(each)


def _below_user(_: int, item: dict[str, Any]) -> None:
    if isinstance(item.get("user"), dict):
        item["user"] |= {"userStatus": "ACTIVE", "appType": "user"}


def _owners_list(change: Callable[[dict[str, Any]], None]) -> Rewrite:
    """Change the tokens in the list of one account."""

    def rewrite(asked: RequestInfo, answer: Answer) -> Answer:
        content = answer.content
        if not asked.path.endswith("/manage/api-tokens") or not isinstance(content, list):
            return answer
        for item in content:
            change(item)
        return answer.holding(content)

    return rewrite


_CONTAINER = "container-"


def _container_id(item: dict[str, Any]) -> None:
    item["id"] = _CONTAINER + item["id"][::-1]


def _by_container_id(path: str) -> str:
    """Treat the id at the end of a path as one in the owner's list; ids of the organization's list are unknown."""
    before, found, token_id = path.rpartition("/manage/api-tokens/")
    if not found:
        return path
    is_container = token_id.startswith(_CONTAINER)
    return before + found + (token_id.removeprefix(_CONTAINER)[::-1] if is_container else f"no-container-{token_id}")


def _rounded(item: dict[str, Any]) -> None:
    if isinstance(item.get("createdAt"), str):
        item["createdAt"] = item["createdAt"][:10] + "T00:00:00.000Z"


def _disabled(item: dict[str, Any]) -> None:
    item["disabledStatus"] = crc32(item["id"].encode()) % 2 == 0


def _without_access(_: int, item: dict[str, Any]) -> None:
    for name in ("platformRoles", "productAccess"):
        item.pop(name, None)


_ODD_ACCESS: tuple[tuple[Any, Any, Any], ...] = (
    ([1, "atlassian/org-admin"], [{"key": 7, "lastActiveTimestamp": 5}], "developers"),
    ({"role": "org-admin"}, {"key": "jira"}, {"name": "developers"}),
    ("atlassian/org-admin", "jira", None),
    (None, None, [None, 3]),
    ([{"id": {"name": ["org-admin"]}}], [["jira"], None], [{"name": {"en": "developers"}}]),
    ([f"role-{number}" for number in range(3_000)], [{"key": f"product-{number}"} for number in range(3_000)],
     [{"name": f"group-{number}"} for number in range(3_000)]),
    (["", "ari:cloud:platform::role/site-admin", "not-told", "x" * 20_000, "none"],
     [{"id": "ari:cloud:jira::site/1"}, {}, {"key": "not-told"}, {"key": "none", "lastActiveTimestamp": "long ago"}],
     [{"name": "developers"}, {"name": ""}]),
    ([], [], []),
)  # fmt: skip
"""Roles, products and groups of users, as nothing documents them."""


def _odd_access(number: int, item: dict[str, Any]) -> None:
    if "platformRoles" in item:
        odd = _ODD_ACCESS[number % len(_ODD_ACCESS)]
        item |= dict(zip(("platformRoles", "productAccess", "groups"), odd, strict=True))


LIST_FAULTS: Mapping[str, Fault] = {
    "small-token-pages": Fault("the token list refuses pages of more than a hundred", _small_pages),
    "truncated-tokens": Fault("the token list ends early where large pages are asked for", rewrite=_truncated),
    "500-without-page-size": Fault("the token list breaks where no page size is sent", _without_page_size),
    "500-count": Fault("tokens cannot be counted", on_path("/api-tokens/count", lambda: error(500, "Server error"))),
    "cursor-alone": Fault(
        "the user search takes no filter with a cursor, and forgets filters and expand", _cursor_with_filters,
        rewrite=pages(_forgets),
    ),
    "access-untold": Fault("the user search leaves out roles and products", rewrite=items(_without_access)),
    "odd-access": Fault("roles, products and groups of users in undocumented forms", rewrite=items(_odd_access)),
    "status-lower": Fault("the status of tokens in lower case", rewrite=_statuses(str.lower)),
    "blocked-as-allowed": Fault("a block does not show in the tokens' status", rewrite=_statuses(lambda _: "ALLOWED")),
    "user-fields": Fault("unrequested members in the user of a token", rewrite=items(_below_user)),
    "ids-differ": Fault(
        "tokens have another id in the list of their owner", rewrite=_owners_list(_container_id),
        reroute=_by_container_id,
    ),
    "owner-list-rounded": Fault("the list of an owner has whole days for times", rewrite=_owners_list(_rounded)),
    "disabled-status": Fault("the list of an owner says which tokens are disabled", rewrite=_owners_list(_disabled)),
}  # fmt: skip

"""The lists of API keys, service accounts, their tokens, and OAuth clients; all of them can only be read."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox import responses
from tokendesk.sandbox.credential_series import Credential
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.responses import organization_of, refuse
from tokendesk.sandbox.service_accounts import account_item, client_item, find_account, key_item, token_item

_KEYS_PAGE, _PAGE, _MOST = 20, 50, 1000
"""Items on a page. What the service answers with is not documented (api handbook 3.2)."""

Items = Iterator[tuple[int, dict[str, Any]]]
"""Items, each with the position after it."""


class _Place:
    """Where a page begins. A cursor is bound to its list and filter, which must be sent again with it."""

    def __init__(self, request: Request, *of: str, default: int = _PAGE) -> None:
        query = request.query_params
        self._of = "\n".join(of)
        self.size = responses.integer(query.get("pageSize"), "pageSize", default, _MOST)
        self.start = 0
        if text := query.get("cursor"):
            place = responses.decode_cursor("credentials", text, at=0, of="")
            if place["of"] != self._of:
                refuse(400, "ADMIN-400-1", "Invalid page cursor", "The cursor belongs to another list.")
            self.start = max(0, place["at"])

    def cursor(self, at: int) -> str:
        return responses.encode_cursor("credentials", at=at, of=self._of)

    def page(self, found: Items) -> tuple[list[dict[str, Any]], str | None]:
        """Return the items of the page, and the cursor of the next one."""
        page: list[dict[str, Any]] = []
        after = self.start
        for position, item in found:
            if len(page) == self.size:
                return page, self.cursor(after)
            page.append(item)
            after = position
        return page, None


def _page_of_items(place: _Place, found: Items, total: int) -> Response:
    items, following = place.page(found)
    links = {"next": following, "prev": None}
    return JSONResponse({"items": items, "links": links, "total": total})


def _keys(organization: Organization, q: str, start: int = 0) -> Items:
    series = organization.credentials.keys
    for after, life in series.listed(organization.seconds(), start):
        item = key_item(organization, life)
        maker = item.get("createdBy", {})
        if any(q in text.casefold() for text in (item["label"], maker.get("name", ""), maker.get("email", ""))):
            yield after, item


async def keys(request: Request) -> Response:
    organization = organization_of(request)
    q = request.query_params.get("q", "").casefold()
    place = _Place(request, "keys", q, default=_KEYS_PAGE)
    page, following = place.page(_keys(organization, q, place.start))
    return JSONResponse({"data": page, "links": {"self": place.cursor(place.start), "next": following}})


async def count_keys(request: Request) -> Response:
    organization = organization_of(request)
    if q := request.query_params.get("q", "").casefold():
        return JSONResponse(sum(1 for _ in _keys(organization, q)))
    return JSONResponse(organization.credentials.keys.count(organization.seconds()))


async def accounts(request: Request) -> Response:
    organization = organization_of(request)
    place = _Place(request, "service accounts")
    total = organization.credentials.sizes.service_accounts
    numbers = range(place.start, total)
    return _page_of_items(place, ((number + 1, account_item(organization, number)) for number in numbers), total)


def _tokens_of(organization: Organization, text: str) -> list[Credential]:
    number = find_account(organization, text)
    return [] if number is None else list(organization.credentials.tokens_of(number, organization.seconds()))


async def tokens(request: Request) -> Response:
    """Answer the tokens of all service accounts, or of one; whose id nobody has gets none."""
    organization = organization_of(request)
    account = request.path_params.get("account_id", "")
    label = request.query_params.get("tokenLabel", "").casefold()
    place = _Place(request, "tokens", account, label)
    now, series = organization.seconds(), organization.credentials.tokens
    if account or label:
        lives = _tokens_of(organization, account) if account else [life for _, life in series.listed(now)]
        chosen = [life for life in lives if label in life.label.casefold()]
        found = enumerate(chosen[place.start :], place.start + 1)
        return _page_of_items(place, ((after, token_item(organization, life)) for after, life in found), len(chosen))
    listed = series.listed(now, place.start)
    return _page_of_items(place, ((after, token_item(organization, life)) for after, life in listed), series.count(now))


async def service_clients(request: Request) -> Response:
    """Answer the OAuth clients of all service accounts, or of one."""
    organization = organization_of(request)
    account = request.path_params.get("account_id", "")
    name = request.query_params.get("clientName", "").casefold()
    place = _Place(request, "service clients", account, name)
    number = find_account(organization, account) if account else None
    chosen = [
        life
        for _, life in organization.credentials.clients.listed(organization.seconds())
        if (life.owner == number if account else life.owner >= 0) and name in life.label.casefold()
    ]
    found = enumerate(chosen[place.start :], place.start + 1)
    return _page_of_items(place, ((after, client_item(organization, life)) for after, life in found), len(chosen))


async def clients(request: Request) -> Response:
    """Answer all OAuth clients, those of service accounts among them."""
    organization = organization_of(request)
    place = _Place(request, "clients")
    now, series = organization.seconds(), organization.credentials.clients
    listed = ((after, client_item(organization, life)) for after, life in series.listed(now, place.start))
    return _page_of_items(place, listed, series.count(now))


_ORG = "/admin/api-access/v1/orgs/{org_id}"
ROUTES = [
    Route(_ORG + "/api-keys", keys),
    Route(_ORG + "/api-keys/count", count_keys),
    Route(_ORG + "/service-accounts", accounts),
    Route(_ORG + "/service-accounts/api-tokens", tokens),
    Route(_ORG + "/service-accounts/oauth-clients", service_clients),
    Route(_ORG + "/service-accounts/{account_id}/api-tokens", tokens),
    Route(_ORG + "/service-accounts/{account_id}/oauth-clients", service_clients),
    Route(_ORG + "/oauth-clients", clients),
]

"""The API Access API: user tokens, API keys and service accounts of the organization."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox import responses, service_accounts
from tokendesk.sandbox.listed_token import org_token
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.responses import organization_of, refuse

_PAGE, _MOST = 20, 1000
_SORTS = ("label", "createdAt", "lastActiveAt", "expiresAt")


class _TokenFilter:
    """The filters of one token list. A cursor is bound to them: they must be sent again with it."""

    def __init__(self, request: Request) -> None:
        query = request.query_params
        self.q = query.get("q", "").casefold()
        self.status = query.get("status", "")
        # An unencoded plus sign arrives as a space.
        self.sort = query.get("sort", "").strip().lstrip("+")
        if self.sort and self.sort.lstrip("-") not in _SORTS:
            refuse(400, "ADMIN-400-24", "Invalid parameter", f"sort knows {', '.join(_SORTS)}.")
        self.key = "\n".join((self.q, self.status, self.sort))

    def accepts(self, record: dict[str, Any]) -> bool:
        if self.status and record["status"] != self.status:
            return False
        user = record["user"]
        return any(self.q in text.casefold() for text in (record["label"], user["name"], user.get("email", "")))

    def records(self, organization: Organization, start: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the records from a position, each with the position after it."""
        if not self.sort:
            for after, life in organization.living(start):
                record = org_token(organization, life)
                if self.accepts(record):
                    yield after, record
            return
        field = self.sort.lstrip("-")
        everything = [record for _, record in self._unsorted(organization)]
        everything.sort(key=lambda r: r.get(field, ""), reverse=self.sort.startswith("-"))
        yield from enumerate(everything[start:], start + 1)

    def _unsorted(self, organization: Organization) -> Iterator[tuple[int, dict[str, Any]]]:
        for after, life in organization.living():
            record = org_token(organization, life)
            if self.accepts(record):
                yield after, record


async def tokens(request: Request) -> Response:
    organization = organization_of(request)
    query = request.query_params
    size = responses.integer(query.get("pageSize"), "pageSize", _PAGE, _MOST)
    wanted = _TokenFilter(request)
    start = 0
    if text := query.get("cursor"):
        place = responses.decode_cursor("tokens", text, at=0, of="")
        if place["of"] != wanted.key:
            refuse(400, "ADMIN-400-1", "Invalid page cursor", "The cursor belongs to another list.")
        start = max(0, place["at"])
    page: list[dict[str, Any]] = []
    after, following = start, None
    for position, record in wanted.records(organization, start):
        if len(page) == size:
            following = responses.encode_cursor("tokens", at=after, of=wanted.key)
            break
        page.append(record)
        after = position
    links = {"self": responses.encode_cursor("tokens", at=start, of=wanted.key), "next": following}
    return JSONResponse({"data": page, "links": links})


async def count_tokens(request: Request) -> Response:
    organization = organization_of(request)
    wanted = _TokenFilter(request)
    if wanted.q or wanted.status:
        return JSONResponse(sum(1 for _ in wanted.records(organization, 0)))
    return JSONResponse(organization.count_living())


async def revoke_everything(_: Request) -> Response:
    # The real one revokes every token of every managed account, which nobody needs to practise.
    refuse(403, "ADMIN-403-3", "Not allowed", "The practice organization never revokes all tokens at once.")


async def keys(request: Request) -> Response:
    return JSONResponse({"data": service_accounts.api_keys(organization_of(request)), "links": {"next": None}})


async def count_keys(request: Request) -> Response:
    return JSONResponse(len(service_accounts.api_keys(organization_of(request))))


async def accounts(request: Request) -> Response:
    items = service_accounts.accounts(organization_of(request))
    return JSONResponse({"items": items, "links": {"next": None, "prev": None}, "total": len(items)})


async def account_tokens(request: Request) -> Response:
    account_id = request.path_params.get("account_id")
    label = request.query_params.get("tokenLabel", "").casefold()
    items = [
        token
        for token in service_accounts.tokens(organization_of(request))
        if label in token["label"].casefold() and account_id in (None, token["serviceAccountId"])
    ]
    return JSONResponse({"items": items, "links": {"next": None, "prev": None}, "total": len(items)})


_ORG = "/admin/api-access/v1/orgs/{org_id}"
ROUTES = [
    Route(_ORG + "/api-tokens", tokens),
    Route(_ORG + "/api-tokens", revoke_everything, methods=["DELETE"]),
    Route(_ORG + "/api-tokens/count", count_tokens),
    Route(_ORG + "/api-keys", keys),
    Route(_ORG + "/api-keys/count", count_keys),
    Route(_ORG + "/service-accounts", accounts),
    Route(_ORG + "/service-accounts/api-tokens", account_tokens),
    Route(_ORG + "/service-accounts/{account_id}/api-tokens", account_tokens),
]

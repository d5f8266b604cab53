"""The API Access API: user tokens of the organization."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox import responses
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


_ORG = "/admin/api-access/v1/orgs/{org_id}"
ROUTES = [
    Route(_ORG + "/api-tokens", tokens),
    Route(_ORG + "/api-tokens", revoke_everything, methods=["DELETE"]),
    Route(_ORG + "/api-tokens/count", count_tokens),
]

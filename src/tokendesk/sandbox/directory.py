"""The Organizations API: the organization, its managed accounts (v1), its directories and their users (v2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox import responses
from tokendesk.sandbox.formats import format_time, without_nulls
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import Person, site
from tokendesk.sandbox.responses import base_url, organization_of, refuse
from tokendesk.sandbox.seeded_random import Ids
from tokendesk.sandbox.users import UserFilter, by_nickname, matching

_V1_PAGE = 100
_BAD = "ADMIN-UAM-400-1"


def _org(request: Request) -> dict[str, Any]:
    organization = organization_of(request)
    self_link = f"{base_url(request)}/admin/v1/orgs/{organization.id}"
    return {
        "id": organization.id,
        "type": "orgs",
        "attributes": {"name": organization.name},
        "relationships": {
            "domains": {"links": {"related": f"{self_link}/domains"}},
            "users": {"links": {"related": f"{self_link}/users"}},
        },
        "links": {"self": self_link},
    }


async def orgs(request: Request) -> Response:
    if text := request.query_params.get("cursor"):
        responses.decode_cursor("orgs", text)
    # An observed behaviour: a key bound to one organization gets an empty list.
    bound = request.headers["authorization"].partition(" ")[2] == request.app.state.keys.scoped
    links = {"self": f"{base_url(request)}/admin/v1/orgs"}
    return JSONResponse({"data": [] if bound else [_org(request)], "links": links})


async def org(request: Request) -> Response:
    return JSONResponse({"data": _org(request)})


def managed_account(person: Person, url: str) -> dict[str, Any]:
    products = [
        without_nulls({"key": p.key, "name": p.name, "url": site(p.key), "last_active": format_time(p.last_active, 1)})
        for p in person.products
    ]
    record = {
        "account_id": person.account_id,
        "account_type": "atlassian",
        "account_status": person.account_status,
        "name": person.name,
        "picture": f"https://avatar.example.com/{person.index}.png",
        "email": person.email,
        "access_billable": person.account_status == "active",
        "last_active": format_time(person.last_active, 1),
        "product_access": products,
        "links": {"self": f"{url}/{person.account_id}"},
    }
    return without_nulls(record)


async def managed_accounts(request: Request) -> Response:
    organization = organization_of(request)
    start = 0
    if text := request.query_params.get("cursor"):
        start = responses.decode_cursor("accounts", text, at=0)["at"]
    end = min(start + _V1_PAGE, organization.users)
    url = f"{base_url(request)}/admin/v1/orgs/{organization.id}/users"
    links = {"self": url}
    if end < organization.users:
        links["next"] = f"{url}?cursor={responses.encode_cursor('accounts', at=end)}"
    data = [managed_account(organization.person(i), url) for i in range(max(0, start), end)]
    return JSONResponse({"data": data, "meta": {"total": organization.users}, "links": links})


async def last_active_dates(request: Request) -> Response:
    organization = organization_of(request)
    person = organization.find_person(request.path_params["account_id"])
    if person is None:
        refuse(404, "ADMIN-404-8", "User not found")
    products = []
    for product in person.products:
        if product.last_active:
            day = product.last_active.date().isoformat()
            moment = format_time(product.last_active)
            ari = _ari(organization, product.key)
            products.append({"id": ari, "key": product.key, "last_active": day, "last_active_timestamp": moment})
    added = person.added
    data = {
        "product_access": products,
        "added_to_org": added.date().isoformat(),
        "added_to_org_timestamp": format_time(added),
    }
    return JSONResponse({"data": data, "links": {}})


async def domains(request: Request) -> Response:
    organization = organization_of(request)
    url = f"{base_url(request)}/admin/v1/orgs/{organization.id}/domains"
    data = [
        {
            "id": name,
            "type": "domains",
            "attributes": {"name": name, "claim": {"type": "dns", "status": "verified"}},
            "links": {"self": f"{url}/{name}"},
        }
        for name in ("example.com", "contractors.example.org")
    ]
    return JSONResponse({"data": data, "links": {"self": url}})


async def directories(request: Request) -> Response:
    query = request.query_params
    if text := query.get("cursor"):
        responses.decode_cursor("directories", text)
    wanted = query.getlist("directoryIds")
    term = query.get("searchTerm", "").casefold()
    data = [
        {"directoryId": directory_id, "name": name, "icon": f"https://avatar.example.com/{name[:1].lower()}.png"}
        for directory_id, name in organization_of(request).directories
        if (not wanted or directory_id in wanted) and term in name.casefold()
    ]
    return JSONResponse({"data": data, "links": {"self": None, "prev": None, "next": None}})


def _ari(organization: Organization, product: str) -> str:
    return f"ari:cloud:{product}::site/{Ids(organization.seed, 'site', product).uuid(0)}"


def directory_user(organization: Organization, person: Person, expand: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "accountId": person.account_id,
        "accountType": "atlassian",
        "status": person.status,
        "accountStatus": person.account_status,
        "membershipStatus": person.membership_status,
        "addedToOrg": format_time(person.added),
        "forDeletion": False,
        "name": person.name,
        "nickname": person.nickname,
        "email": person.email,
        "emailVerified": None if person.email is None else True,
        "claimStatus": "managed" if person.managed else "unmanaged",
        "mfaEnabled": person.mfa,
        "jobTitle": person.job_title or None,
    }
    record = without_nulls(record)
    record["deactivatedOn"] = format_time(person.deactivated)
    record["managementSource"] = "synced" if person.synced else "invited" if person.managed else None
    record |= {"department": person.department, "organization": None, "location": person.location}
    record["timeZone"] = person.time_zone
    if "platformRoles" in expand:
        record["platformRoles"] = list(person.roles)
    if "counts.resources" in expand:
        record["counts"] = {"resources": len(person.products)}
    if "productAccess" in expand:
        record["productAccess"] = [
            without_nulls(
                {"key": p.key, "id": _ari(organization, p.key), "lastActiveTimestamp": format_time(p.last_active)}
            )
            for p in person.products
        ]
    if "groups" in expand:
        record["groups"] = [
            {"id": group_id, "name": name, "description": ""}
            for group_id, name in zip(organization.group_ids(person), person.groups, strict=True)
        ]
    return record


def _directory(request: Request) -> str:
    directory_id: str = request.path_params["directory_id"]
    if directory_id != "-" and directory_id not in dict(organization_of(request).directories):
        refuse(404, "ADMIN-UAM-404-1", "Directory not found")
    return directory_id


def _page(request: Request, wanted: UserFilter, start: int, limit: int) -> Response:
    organization = organization_of(request)
    if wanted.sorted:
        order = by_nickname(organization, wanted)
        found = order[start : start + limit]
        after = start + limit if start + limit < len(order) else None
    else:
        found, after = matching(organization, wanted, start, limit)
    data = [directory_user(organization, organization.person(i), wanted.expand) for i in found]
    # The cursor contains the filters: the query form ignores all other parameters sent with it.
    next_cursor = None if after is None else responses.encode_cursor("users", at=after, want=wanted.raw)
    return JSONResponse({"data": data, "links": {"self": None, "prev": None, "next": next_cursor}})


def _continued(text: str) -> tuple[UserFilter, int]:
    place = responses.decode_cursor("users", text, "ADMIN-UAM-400-1", at=0, want={})
    return UserFilter(place["want"]), max(0, place["at"])


async def search_users(request: Request) -> Response:
    directory_id = _directory(request)
    body = await responses.json_body(request, _BAD)
    size = body.get("limit", 50)
    if isinstance(size, bool) or not isinstance(size, int | float) or size != int(size):
        refuse(400, _BAD, "Invalid request body", "limit is not an integer.")
    limit = responses.integer(str(int(size)), "limit", 50, 100, _BAD)
    start, wanted = 0, UserFilter(body, directory_id)
    if text := body.get("cursor"):
        if not isinstance(text, str):
            refuse(400, _BAD, "Invalid page cursor")
        carried, start = _continued(text)
        if set(body) - {"cursor", "limit"} and carried.raw != wanted.raw:
            refuse(400, _BAD, "Invalid page cursor", "The cursor belongs to another search.")
        wanted = carried
    return _page(request, wanted, start, limit)


async def list_users(request: Request) -> Response:
    directory_id = _directory(request)
    query = request.query_params
    limit = responses.integer(query.get("limit"), "limit", 50, 100, _BAD)
    if text := query.get("cursor"):
        wanted, start = _continued(text)
    else:
        wanted, start = UserFilter.of_query(query, directory_id), 0
    return _page(request, wanted, start, limit)


async def count_users(request: Request) -> Response:
    wanted = UserFilter.of_query(request.query_params, _directory(request))
    organization = organization_of(request)
    if wanted.everyone_managed:
        return JSONResponse({"count": organization.users})
    found, _ = matching(organization, wanted, 0, organization.accounts.total)
    return JSONResponse({"count": len(found)})


async def user(request: Request) -> Response:
    organization = organization_of(request)
    wanted = UserFilter({}, _directory(request))
    person = organization.find_person(request.path_params["account_id"])
    if person is None or not wanted.accepts(organization, person.index):
        refuse(404, "ADMIN-UAM-404-1", "User not found")
    expand = ["platformRoles", "productAccess", "groups", "counts.resources"]
    return JSONResponse({"data": directory_user(organization, person, expand)})


_V1, _V2 = "/admin/v1/orgs", "/admin/v2/orgs/{org_id}/directories"
ROUTES = [
    Route(_V1, orgs),
    Route(_V1 + "/{org_id}", org),
    Route(_V1 + "/{org_id}/users", managed_accounts),
    Route(_V1 + "/{org_id}/directory/users/{account_id}/last-active-dates", last_active_dates),
    Route(_V1 + "/{org_id}/domains", domains),
    Route(_V2, directories),
    Route(_V2 + "/{directory_id}/users", list_users),
    Route(_V2 + "/{directory_id}/users/search", search_users, methods=["POST"]),
    Route(_V2 + "/{directory_id}/users/count", count_users),
    Route(_V2 + "/{directory_id}/users/{account_id}", user),
]

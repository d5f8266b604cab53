"""The User management API: one managed account, its profile and its tokens. Only unscoped keys have access."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox.formats import format_time, without_nulls
from tokendesk.sandbox.people import Person
from tokendesk.sandbox.responses import Problem, organization_of

_ALLOWED: dict[str, Any] = {"allowed": True}
_PRIVILEGES: dict[str, Any] = {
    "apiToken.read": _ALLOWED,
    "apiToken.delete": _ALLOWED,
    "email.set": _ALLOWED,
    "lifecycle.enablement": _ALLOWED,
    "lifecycle.delete": _ALLOWED,
    "profile.read": _ALLOWED,
    "profile": {"name": _ALLOWED, "nickname": _ALLOWED},
    "profile.write": {"name": _ALLOWED, "nickname": _ALLOWED},
}


def _person(request: Request) -> Person:
    person = organization_of(request).find_person(request.path_params["account_id"])
    if person is None or not person.managed:
        raise Problem(404, {"key": "notFound", "message": "The account is unknown or not managed."})
    return person


async def manage(request: Request) -> Response:
    person = _person(request)
    asked = [name for text in request.query_params.getlist("privileges") for name in text.split(",")]
    privileges = {name: _PRIVILEGES[name] for name in asked or _PRIVILEGES if name in _PRIVILEGES}
    if person.synced and "email.set" in privileges:
        # Synchronised accounts are changed in their directory.
        privileges["email.set"] = {"allowed": False, "reason": {"key": "externalDirectory.managed"}}
    return JSONResponse(privileges)


async def profile(request: Request) -> Response:
    person = _person(request)
    account = {
        "account_id": person.account_id,
        "account_type": "atlassian",
        "account_status": person.account_status,
        "name": person.name,
        "nickname": person.nickname,
        "email": person.email,
        "email_verified": person.email is not None,
        "picture": f"https://avatar.example.com/{person.index}.png",
        "zoneinfo": person.time_zone,
        "locale": "en-GB",
        "extended_profile": {"job_title": person.job_title},
        "privacy_settings": {},
    }
    return JSONResponse({"account": without_nulls(account)})


async def tokens(request: Request) -> Response:
    organization = organization_of(request)
    found = []
    for life in organization.tokens_of(_person(request).index):
        token = organization.token(life)
        record = {
            "id": token.id,
            "label": token.label,
            "createdAt": format_time(token.created, 1),
            "lastAccess": format_time(organization.last_use_in(life, organization.seconds()), 1),
            "expiry": format_time(token.expires, 1),
        }
        found.append(without_nulls(record))
    return JSONResponse(found)


async def delete_token(request: Request) -> Response:
    organization = organization_of(request)
    person = _person(request)
    life = organization.find_token(request.path_params["token_id"])
    if life is None or organization.tokens.holders.owner(life.slot) != person.index:
        raise Problem(404, {"key": "notFound", "message": "The account has no such token."})
    organization.revoke(organization.tokens.id(life.number))
    return Response(status_code=204)


_USER = "/users/{account_id}/manage"
ROUTES = [
    Route(_USER, manage),
    Route(_USER + "/profile", profile),
    Route(_USER + "/api-tokens", tokens),
    Route(_USER + "/api-tokens/{token_id}", delete_token, methods=["DELETE"]),
]

"""The audit log over HTTP: filtered events, the stream to poll, single events, and the list of actions."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox import responses
from tokendesk.sandbox.events import ACTIONS, LAG, Event, EventBook
from tokendesk.sandbox.formats import format_time
from tokendesk.sandbox.people import site
from tokendesk.sandbox.responses import base_url, organization_of, refuse
from tokendesk.sandbox.rhythm import DAY

_PAGE, _MOST = 200, 500
_OPEN = 1 << 40


def _book(request: Request) -> EventBook:
    book: EventBook = request.app.state.events
    return book


def audit_event(request: Request, event: Event, streamed: bool) -> dict[str, Any]:
    organization = organization_of(request)
    person = organization.person(event.actor)
    actor: dict[str, Any] = {"id": person.account_id, "name": person.name}
    if person.email:
        actor["email"] = person.email
    if event.token:
        token = organization.token(event.token)
        actor["auth"] = {"authType": "api-token", "tokenId": token.id, "tokenLabel": token.label}
    text, group, product = ACTIONS[event.action]
    container = {"id": site(product), "type": "sites", "attributes": {"product": product}} if product else None
    attributes: dict[str, Any] = {"time": format_time(event.time, 1)}
    if streamed:
        attributes["processedAt"] = format_time(event.time + LAG, 1)
    attributes |= {
        "action": event.action,
        "actor": actor,
        "context": [{"id": event.subject, "type": group.lower()}] if event.subject else [],
        "container": [container or {"id": organization.id, "type": "orgs"}],
        "location": {"ip": event.ip, "geo": event.place},
    }
    return {
        "id": event.id,
        "type": "events",
        "attributes": attributes,
        "message": {"content": f"{person.name}: {text}", "format": "simple"},
    }


def _moment(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return max(0, min(int(text) // 1000, _OPEN))
    except ValueError:
        refuse(400, "ADMIN-400-3", "Invalid time", f"{name} is not a time in milliseconds.")


def _place(request: Request, name: str, descending: bool) -> dict[str, Any]:
    """Return where to continue reading: after `skip` events of `day`; times in seconds."""
    now = organization_of(request).seconds()
    if text := request.query_params.get("cursor"):
        found = responses.decode_cursor(name, text, day=0, skip=0, start=0, end=0, down=False)
        if min(found["day"], found["skip"]) < 0:
            refuse(400, "ADMIN-400-1", "Invalid page cursor")
        return found
    start = _moment(request, "from", 0)
    # In descending order the end is pinned: new events would shift the pages.
    end = _moment(request, "to", now + 1 if descending else _OPEN)
    day = min(end, now) // DAY if descending else max(start // DAY, _book(request).oldest_day())
    return {"day": day, "skip": 0, "start": start, "end": end, "down": descending}


async def _read(
    request: Request, place: dict[str, Any], limit: int, accepts: Callable[[Event], bool]
) -> tuple[list[Event], bool]:
    """Return up to `limit` events, moving `place` after them, and whether there may be more."""
    book = _book(request)
    oldest, newest = book.oldest_day(), organization_of(request).seconds() // DAY
    found: list[Event] = []
    if place["day"] < oldest and not place["down"]:
        place |= {"day": oldest, "skip": 0}
    while oldest <= place["day"] <= newest:
        events = book.day(place["day"])
        for event in (events[::-1] if place["down"] else events)[place["skip"] :]:
            if place["start"] <= event.time < place["end"] and accepts(event):
                if len(found) == limit:
                    return found, True
                found.append(event)
            place["skip"] += 1
        if place["down"]:
            place |= {"day": place["day"] - 1, "skip": 0}
        elif place["day"] == newest:
            break  # the day is not over: the next poll continues here
        else:
            place |= {"day": place["day"] + 1, "skip": 0}
        await asyncio.sleep(0)
    return found, False


def _answer(request: Request, name: str, events: list[Event], following: str | None, streamed: bool) -> Response:
    url = f"{base_url(request)}/admin/v1/orgs/{organization_of(request).id}/{name}"
    links = {"self": url}
    if following:
        links["next"] = f"{url}?cursor={following}"
    data = [audit_event(request, event, streamed) for event in events]
    return JSONResponse({"data": data, "meta": {"next": following, "page_size": len(data)}, "links": links})


async def stream(request: Request) -> Response:
    query = request.query_params
    limit = responses.integer(query.get("limit"), "limit", _PAGE, _MOST)
    order = query.get("sortOrder", "asc")
    if order not in ("asc", "desc"):
        refuse(400, "ADMIN-400-24", "Invalid parameter", "sortOrder is asc or desc.")
    place = _place(request, "events-stream", order == "desc")
    events, _ = await _read(request, place, limit, lambda _: True)
    # There is always a cursor, even at the end: the stream is meant to be polled.
    return _answer(request, "events-stream", events, responses.encode_cursor("events-stream", **place), True)


def _filter(request: Request) -> Callable[[Event], bool]:
    organization, query = organization_of(request), request.query_params
    actors = {organization.accounts.find_id(text) for text in query.getlist("actor")}
    actors |= {organization.accounts.find_email(text) for text in query.getlist("actor")}
    ips, products = query.getlist("ip"), query.getlist("product")
    action, term = query.get("action"), query.get("q", "").casefold()

    def accepts(event: Event) -> bool:
        if (action and event.action != action) or (ips and event.ip not in ips):
            return False
        if (products and event.product not in products) or (actors and event.actor not in actors):
            return False
        if not term:
            return True
        label = organization.token(event.token).label if event.token else ""
        texts = (label, ACTIONS[event.action][0], *organization.accounts.names(event.actor))
        return any(term in (text or "").casefold() for text in texts)

    return accepts


async def search(request: Request) -> Response:
    limit = responses.integer(request.query_params.get("limit"), "limit", _PAGE, _MOST)
    place = _place(request, "events", True)
    events, more = await _read(request, place, limit, _filter(request))
    return _answer(request, "events", events, responses.encode_cursor("events", **place) if more else None, False)


async def one(request: Request) -> Response:
    event = _book(request).find(request.path_params["event_id"])
    if event is None:
        refuse(404, "ADMIN-404-4", "Event not found")
    return JSONResponse({"data": audit_event(request, event, False)})


async def actions(_: Request) -> Response:
    data = [
        {"id": name, "type": "event-actions", "attributes": {"displayName": text, "groupDisplayName": group}}
        for name, (text, group, _) in ACTIONS.items()
    ]
    return JSONResponse({"data": data})


_ORG = "/admin/v1/orgs/{org_id}"
ROUTES = [
    Route(_ORG + "/events", search),
    Route(_ORG + "/events-stream", stream),
    Route(_ORG + "/events/{event_id}", one),
    Route(_ORG + "/event-actions", actions),
]

"""The faults of the practice organization, by name: they can be combined, and always hit the same requests."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokendesk.sandbox.credential_faults import CREDENTIAL_FAULTS, FIRST_AGAIN
from tokendesk.sandbox.fault import Answer, Fault, Replacement, RequestInfo, error, items, on_path, pages
from tokendesk.sandbox.list_faults import LIST_FAULTS
from tokendesk.sandbox.policy_faults import POLICY_FAULTS
from tokendesk.sandbox.seeded_random import SeededRandom

WAIT_SECONDS = 1.0
"""Seconds until the end of a rate limit."""
SLOW_SECONDS = 0.3
_AFTER_EMPTY = "after-the-empty-page"
_TO_FIRST_PAGE = re.compile(rf"(?:^|&)cursor=(?:{_AFTER_EMPTY}|{FIRST_AGAIN})(?=&|$)".encode())
"""Cursors of faults that lead to the organization's first page."""


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=WAIT_SECONDS)


def _limits() -> dict[str, str]:
    reset = _soon().isoformat(timespec="milliseconds")
    return {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}


def _intermittent(answer: Callable[[], Answer]) -> Replacement:
    """Every fifth request, so that a retry succeeds.

    Requests that wait for the end of a limit are retried three at a time: every third would hit the same one again.
    """
    return lambda asked: answer() if asked.total % 5 == 2 else None


def _html(status: int) -> Callable[[], Answer]:
    body = b"<html><body><h1>Sign in</h1></body></html>"
    return lambda: Answer(status, body, {"content-type": "text/html"})


def _next(page: dict[str, Any], make: Callable[[str], str | None]) -> None:
    links = page.setdefault("links", {}) or {}
    if links.get("next"):
        links["next"] = make(links["next"])


def _endless(_: RequestInfo, page: dict[str, Any]) -> None:
    page["links"] = {"next": "again"}


def _empty_page(asked: RequestInfo, page: dict[str, Any]) -> None:
    if asked.turn == 1 and asked.path.endswith("/api-tokens"):
        page.update(data=[], links={"next": _AFTER_EMPTY})


def _missing(number: int, item: dict[str, Any]) -> None:
    for name in ("scopes", "lastActiveAt", "expiresAt", "email", "jobTitle", "productAccess")[number % 3 :: 2]:
        item.pop(name, None)


def _unknown(number: int, item: dict[str, Any]) -> None:
    if number % 4 == 0 and "status" in item:
        item["status"] = "SLUMBERING"


_FAR_DATES = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "-0001-11-30T00:00:00Z", "+275760-09-13T00:00:00Z",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", -62_135_596_800_000, 253_402_300_799_000,
    "1601-01-01T00:00:00Z", "2999-12-31T00:00:00Z",
)  # fmt: skip


def _odd_dates(number: int, item: dict[str, Any]) -> None:
    for place, name in enumerate(("createdAt", "lastActiveAt", "expiresAt", "addedToOrg", "deactivatedOn")):
        if isinstance(item.get(name), str):
            odd = ("some time ago", "", 0, item[name].replace("Z", "+00:00"), *_FAR_DATES)
            item[name] = odd[(number + 3 * place) % len(odd)]
    for place, product in enumerate(item.get("productAccess") or ()):
        if "lastActiveTimestamp" in product:
            product["lastActiveTimestamp"] = _FAR_DATES[(number + place) % 6]


def _event_ids(_: int, item: dict[str, Any]) -> None:
    attributes = item.get("attributes")
    actor = attributes.get("actor") if isinstance(attributes, dict) else None
    auth = actor.get("auth") if isinstance(actor, dict) else None
    if isinstance(auth, dict) and "tokenId" in auth:
        auth["tokenId"] = f"container-{auth['tokenId']}"


def _whole_minute() -> dict[str, str]:
    reset = (_soon() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%MZ")
    return {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "3", "x-ratelimit-reset": reset}


def _cut(asked: RequestInfo, answer: Answer) -> Answer:
    return replace(answer, cut=True) if asked.total % 4 == 3 else answer


def _cut_after_accept(asked: RequestInfo, answer: Answer) -> Answer:
    return replace(answer, cut=True) if asked.path.endswith("add-users") and asked.turn == 1 else answer


LOST_REQUESTS, LOST_ANSWERS = 10, 20
"""Percent of all requests."""


def _is_lost(asked: RequestInfo, what: str, percent: int) -> bool:
    return SeededRandom(asked.seed, what, asked.total).chance(percent)


def _lose_request(asked: RequestInfo) -> Answer | None:
    return Answer(200, b"", cut=True) if _is_lost(asked, "request", LOST_REQUESTS) else None


def _lose_answer(asked: RequestInfo, answer: Answer) -> Answer:
    return replace(answer, body=b"", cut=True) if _is_lost(asked, "answer", LOST_ANSWERS) else answer


_SCOPE = b'{"code":403,"message":"insufficientScope: manage:org"}'

FAULTS: Mapping[str, Fault] = {
    **POLICY_FAULTS,
    **LIST_FAULTS,
    **CREDENTIAL_FAULTS,
    "cursors-url": Fault(
        "next links are full URLs where bare cursors are usual",
        rewrite=pages(lambda asked, page: _next(page, lambda cursor: f"/next?cursor={cursor}&page=2")),
    ),
    "repeated-cursor": Fault("a list links back to an earlier page", rewrite=pages(_endless)),
    "empty-page": Fault("a list has an empty page", rewrite=pages(_empty_page)),
    "missing-fields": Fault("fields that are usually present are absent", rewrite=items(_missing)),
    "unknown-enum": Fault("an unknown status", rewrite=items(_unknown)),
    "odd-dates": Fault("dates in other forms, far ones, or none", rewrite=items(_odd_dates)),
    "event-ids": Fault("audited actions name tokens by other ids", rewrite=items(_event_ids)),
    "extra-fields": Fault("unrequested fields", rewrite=items(lambda n, item: item.update(mood={"is": [n]}))),
    "429": Fault("an occasional rate limit that says its end", _intermittent(lambda: error(429, "Slow", _limits()))),
    "429-retry-after": Fault(
        "the same, in seconds", _intermittent(lambda: error(429, "Slow", {"retry-after": str(WAIT_SECONDS)}))
    ),
    "429-date": Fault(
        "the same, as a date",
        _intermittent(lambda: error(429, "Slow", {"retry-after": format_datetime(_soon(), usegmt=True)})),
    ),
    "429-bare": Fault("a rate limit that says nothing more", _intermittent(lambda: error(429, "Slow"))),
    "429-forever": Fault("a rate limit that never ends", lambda asked: error(429, "Slow", _limits())),
    "html-502": Fault("an occasional error page of a gateway", _intermittent(_html(502))),
    "502-forever": Fault("only error pages of a gateway", lambda asked: _html(502)()),
    "html-200": Fault("only sign-in pages", lambda asked: _html(200)()),
    "403-tokens": Fault("the key may not read tokens", on_path("/api-tokens", lambda: error(403, "Not allowed"))),
    "403-policies": Fault("the key may not read policies", on_path("bulk-fetch", lambda: error(403, "Not allowed"))),
    "403-events": Fault("the key may not read audit events", on_path("/event", lambda: error(403, "Not allowed"))),
    "402-events": Fault("the plan has no audit events", on_path("/event", lambda: error(402, "Not in your plan"))),
    "402-policies": Fault("the plan has no policies", on_path("bulk-fetch", lambda: error(402, "Not in your plan"))),
    "403-insufficientScope": Fault(
        "a key with scopes where one without is needed", on_path("/manage", lambda: Answer(403, _SCOPE))
    ),
    "orgs-empty": Fault(
        "the list of organizations is empty",
        rewrite=lambda asked, answer: answer.holding({"data": []}) if asked.path.endswith("/orgs") else answer,
    ),
    "users-v1": Fault("the user search does not exist", on_path("/users/search", lambda: error(404, "Not found"))),
    "429-minute": Fault(
        "an occasional rate limit that ends on a full minute",
        _intermittent(lambda: error(429, "Slow", _whole_minute())),
    ),
    "bulk-limit": Fault(
        "bulk-fetch takes no id at its first three requests",
        lambda asked: error(400, "Too many") if asked.path.endswith("bulk-fetch") and asked.turn <= 3 else None,
    ),
    "key-expires": Fault("the key expires half way", lambda asked: error(401, "Expired") if asked.total > 5 else None),
    "foreign-next": Fault(
        "a next link to another host",
        rewrite=pages(lambda asked, page: page.update(links={"next": "https://elsewhere.example.com/?cursor=1"})),
    ),
    "redirect": Fault(
        "redirects", lambda asked: Answer(302, b"", {"location": "https://elsewhere.example.com/"})
    ),
    "dropped": Fault("connections end in the middle of a response", rewrite=_cut),
    "dropped-after-accept": Fault("a move is accepted and the response lost", rewrite=_cut_after_accept),
    "lost-requests": Fault("one request in ten gets lost before it arrives", _lose_request),
    "lost-answers": Fault("one response in five gets lost after the request was carried out", rewrite=_lose_answer),
    "slow": Fault("slow responses", seconds=SLOW_SECONDS),
    "never-answers": Fault("no response", seconds=3_600.0),
    "bad-json": Fault("broken JSON", rewrite=lambda asked, answer: replace(answer, body=answer.body[:-2] + b"!")),
    "wrong-shape": Fault(
        "lists that are not lists", rewrite=pages(lambda asked, page: page.update(data={"not": "a list"}))
    ),
    "surrogates": Fault("half a character in a name", rewrite=lambda asked, answer: _half_characters(answer)),
}  # fmt: skip


def _half_characters(answer: Answer) -> Answer:
    return replace(answer, body=re.sub(rb'("label": ?")', rb"\1\\ud83d", answer.body))


class FaultMiddleware:
    """An ASGI app that applies the faults `names` before and after `app` handles a request."""

    def __init__(self, app: ASGIApp, names: Iterable[str], seed: int = 1) -> None:
        self._app = app
        self._seed = seed
        self._faults = [FAULTS[name] for name in names]
        self._turns: Counter[tuple[str, str]] = Counter()
        self._has_moved = False
        self._after: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        key = (scope["method"], scope["path"])
        scope = {**scope, "query_string": _TO_FIRST_PAGE.sub(b"", scope["query_string"])}
        self._turns[key] += 1
        body = await _body_of(receive)
        self._after[key[1]] += 1
        asked = RequestInfo(
            *key, self._turns[key], self._turns.total(), scope["query_string"].decode("latin-1"), body,
            self._after[key[1]] if self._has_moved else 0, self._seed,
        )  # fmt: skip
        for fault in self._faults:
            if fault.reroute:
                scope = {**scope, "path": fault.reroute(scope["path"])}
        await _delay(sum(fault.seconds for fault in self._faults), receive)
        answers = (fault.instead(asked) for fault in self._faults if fault.instead)
        answer = next((answer for answer in answers if answer), None)
        if answer is None:
            answer = await self._forward(scope, _repeated(body))
            if asked.path.endswith("/add-users") and answer.status == 202:
                self._has_moved = True
                self._after.clear()
            for fault in self._faults:
                if fault.rewrite:
                    answer = fault.rewrite(asked, answer)
        await _send(answer, send)

    async def _forward(self, scope: Scope, receive: Receive) -> Answer:
        status, headers, body = 500, {}, b""

        async def take(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, take)
        return Answer(status, body, headers)


async def _delay(seconds: float, receive: Receive) -> None:
    """Wait, but only as long as the client waits for the response."""

    async def until_left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    if seconds:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(until_left(), seconds)


async def _body_of(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _repeated(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _send(answer: Answer, send: Send) -> None:
    # To cut a response, send a length that is never reached, so that the server closes the connection.
    length = len(answer.body) + (1 if answer.cut else 0)
    headers = {**answer.headers, "content-length": str(length)}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})


def with_faults(names: Iterable[str], seed: int = 1) -> Callable[[ASGIApp], ASGIApp]:
    """Return a function that wraps the organization in these faults; raises ValueError for an unknown name."""
    names = tuple(names)
    for name in names:
        if name not in FAULTS:
            near = get_close_matches(name, FAULTS, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ValueError(f"there is no fault {name!r}{hint}. Faults: {', '.join(FAULTS)}")
    return lambda app: FaultMiddleware(app, names, seed)

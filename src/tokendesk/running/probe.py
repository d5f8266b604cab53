"""Records what the API of a real organization returns, for the maintainers: shapes and limits, no content.

All requests are read-only and sent one after the other; a limited or lost one is retried once. Requests that cost
the organization more are sent on demand only.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tokendesk.api.client import Client, RawResponse
from tokendesk.api.credential_lists import CREDENTIAL_LISTS
from tokendesk.api.http_errors import NotConnected
from tokendesk.api.pacing import retry_after
from tokendesk.api.paging import next_cursor
from tokendesk.errors import ApiError, InvalidResponse, KeyRefused
from tokendesk.running.outline import Outline, Pseudonyms, SeenTexts, decode_body, outline_headers, text_form

SEND_TO = "Send it to the maintainers, with your bug report."
_ABOUT = (
    "What the admin API of an organization returns to tokendesk: names, types and sizes of members, limits and "
    "rate-limit headers. It contains no value, name, address, id or key: ids and addresses are numbers, in order of "
    "appearance, and the same number is the same text. A short word that a user chose as a member's name may look "
    "like one of Atlassian's: read the file before you send it."
)
_MADE_UP_ACCOUNT = "712020:00000000-0000-4000-8000-000000000000"
_BATCH_SIZES = (50, 100, 200, 500)
_QUICK_CALLS = 11
_MAX_WAIT = 90.0
_WEEK = 7 * 86_400
_TOKEN_OR_POLICY = re.compile(r"token|authentication polic", re.IGNORECASE)

Params = Mapping[str, str | int]


@dataclass(slots=True)
class ProbeResult:
    """One request and its response. `facts`: conclusions; `outline` is None if the body is not JSON."""

    title: str
    request: str
    status: int | None = None
    failed: str = ""
    first: str = ""
    size: int = 0
    headers: Mapping[str, str] | None = None
    outline: Outline | None = None
    content: Any = None
    facts: tuple[tuple[str, Any], ...] = ()
    next_link: Any = None
    is_brief: bool = False
    """Whether an earlier request already shows the structure."""

    def items(self) -> list[dict[str, Any]]:
        names = ("data", "items")
        lists = [self.content.get(name) for name in names] if isinstance(self.content, dict) else [self.content]
        found = next((each for each in lists if isinstance(each, list)), None)
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class Probe:
    """Sends the requests and keeps what may be shared. `report` gets the title of each request before it is sent."""

    def __init__(
        self,
        client: Client,
        org_id: str,
        *,
        revoking: Client | None = None,
        report: Callable[[str], None] = lambda title: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`revoking`: a client with the key without scopes, if there is one."""
        self._client, self._revoking = client, revoking
        self._org_id = quote(org_id, safe="")
        self._report, self._sleep, self._clock = report, sleep, clock
        self._numbers = Pseudonyms()
        self._words = SeenTexts((org_id, client.base_url))
        self._results: list[ProbeResult] = []

    async def run(self, *, limits: bool) -> dict[str, Any]:
        """Send all requests; return the content of the file. Raises KeyRefused or ApiFailed if the first one fails."""
        tokens = await self._tokens()
        users = await self._users()
        owner = next((_text(item.get("user"), "id") for item in tokens), None) or next(iter(users), None)
        await self._tokens_of_owner(owner, tokens)
        await self._policies(owner)
        await self._audit({id_ for item in tokens if (id_ := _text(item, "id"))})
        await self._credentials()
        if limits:
            await self._many_ids(users)
            await self._quick_events()
        return {
            "what this is": _ABOUT,
            "where to send it": SEND_TO,
            "limits were tried": limits,
            "answers": [self._as_json(result) for result in self._results],
        }

    # --- endpoints

    async def _tokens(self) -> list[dict[str, Any]]:
        path = f"/admin/api-access/v1/orgs/{self._org_id}/api-tokens"
        found: list[dict[str, Any]] = []
        for size in (1, 1000):
            result = await self._request(f"tokens, page of {size:,}", path, {"pageSize": size})
            if result is self._results[0] and result.status is None:
                raise ApiError("The API could not be reached: there is nothing to write. Check the API address.")
            if result is self._results[0] and result.status == 401:
                raise KeyRefused("Atlassian does not accept the API key: there is nothing to write.")
            found = result.items() or found
            result.facts = (("items asked for", size), ("items given", len(result.items())), *self._paging(result))
        return found

    async def _users(self) -> list[str]:
        """Request two pages of users, in two ways, and one that is too large; return account ids."""
        path = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        filters = {"claimStatus": "managed", "limit": 2, "expand": ["productAccess", "platformRoles"]}
        first = await self._request("users, page 1", path, question=filters, shown="claimStatus, limit 2, expand")
        first.facts = (("items asked for", 2), ("items given", len(first.items())), *self._paging(first))
        cursor = self._cursor(first)
        if cursor:
            for words, body in (
                ("filters and cursor", {**filters, "cursor": cursor}),
                ("cursor alone", {"cursor": cursor}),
            ):
                page = await self._request(f"users, page 2 by {words}", path, question=body, shown=words)
                page.facts = (("items given", len(page.items())), *self._paging(page))
        else:
            self._skip("users, page 2", "POST users/search", "page 1 has no link to a next page")
        large = await self._request(
            "users, more than 100 at once", path, question={"claimStatus": "managed", "limit": 101}, shown="limit 101"
        )
        large.facts = (("items asked for", 101), ("items given", len(large.items())))
        return [id_ for item in (*first.items(), *large.items()) if (id_ := _text(item, "accountId"))]

    async def _tokens_of_owner(self, owner: str | None, tokens: list[dict[str, Any]]) -> None:
        title = "tokens of one owner"
        if owner is None:
            self._skip(title, "GET users/{account}/manage/api-tokens", "no owner of a token is known")
            return
        path = f"/users/{quote(owner, safe='')}/manage/api-tokens"
        result = await self._request(title, path, client=self._revoking or self._client)
        listed = {_text(item, "id") for item in tokens if _text(item.get("user"), "id") == owner}
        held = {_text(item, "id") for item in result.items()}
        result.facts = (
            ("with the key without scopes", self._revoking is not None),
            ("tokens of this owner in the organization's list", len(listed)),
            ("tokens of this owner here", len(held)),
            ("ids that are in both", len(listed & held)),
            ("with disabledStatus", sum("disabledStatus" in item for item in result.items())),
        )

    async def _policies(self, owner: str | None) -> None:
        path = f"/admin/control/v1/orgs/{self._org_id}/users/auth-policies/bulk-fetch"
        if owner is None:
            self._skip("policy of one user", "POST users/auth-policies/bulk-fetch", "no user is known")
        else:
            await self._request_policies("policy of one user", path, [owner])
        search = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        body = {"claimStatus": "unmanaged", "limit": 1}
        unmanaged = await self._request(
            "one user who is not managed", search, question=body, shown="claimStatus, limit 1"
        )
        stranger = _text(next(iter(unmanaged.items()), None), "accountId")
        if stranger is None:
            self._skip("policy of a user who is not managed", "POST users/auth-policies/bulk-fetch", "nobody is known")
        else:
            await self._request_policies("policy of a user who is not managed", path, [stranger])
        await self._request_policies("policy of a made-up account id", path, [_MADE_UP_ACCOUNT])
        if owner is not None:
            await self._request_policies(
                "policies of one user and a made-up account id", path, [owner, _MADE_UP_ACCOUNT]
            )

    async def _request_policies(self, title: str, path: str, accounts: Sequence[str]) -> ProbeResult:
        result = await self._request(
            title, path, question={"accountIds": list(accounts)}, shown=f"{len(accounts):,} ids"
        )
        result.facts = (("ids asked about", len(accounts)), ("elements given", len(result.items())))
        return result

    async def _audit(self, listed: set[str]) -> None:
        actions = await self._request("audit actions", f"/admin/v1/orgs/{self._org_id}/event-actions")
        matching = [item for item in actions.items() if _TOKEN_OR_POLICY.search(json.dumps(item))]
        actions.facts = (
            ("actions", len(actions.items())),
            ("about tokens or authentication policies", len(matching)),
        )
        path = f"/admin/v1/orgs/{self._org_id}/events-stream"
        since = int(self._clock() - _WEEK) * 1000
        events = await self._request(
            "audit events of a week", path, {"limit": 200, "from": since}, shown="limit 200, from"
        )
        auths = [auth for item in events.items() if (auth := _auth(item))]
        named = [id_ for auth in auths if (id_ := _text(auth, "tokenId"))]
        events.facts = (
            ("events", len(events.items())),
            ("with actor.auth", len(auths)),
            ("with a token id", len(named)),
            ("whose token id is in the token list", sum(id_ in listed for id_ in named)),
            *self._paging(events),
        )

    async def _credentials(self) -> None:
        """Request the first page of each list of credentials: their members are mostly not documented."""
        for each in CREDENTIAL_LISTS:
            path = f"/admin/api-access/v1/orgs/{self._org_id}/{each.path}"
            result = await self._request(each.title.lower(), path, {"pageSize": 100})
            result.facts = (("items given", len(result.items())), *self._paging(result))

    async def _many_ids(self, accounts: list[str]) -> None:
        """Request larger and larger batches of users, until one is rejected or there are no more users."""
        path = f"/admin/control/v1/orgs/{self._org_id}/users/auth-policies/bulk-fetch"
        accounts = list(dict.fromkeys([*accounts, *await self._more_users()]))
        for count in _BATCH_SIZES:
            result = await self._request_policies(f"policies of {count:,} users", path, accounts[:count])
            if result.status != 200 or len(accounts) <= count:
                return

    async def _more_users(self) -> list[str]:
        path = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        body: dict[str, Any] = {"claimStatus": "managed", "limit": 100}
        found: list[str] = []
        for page in range(_BATCH_SIZES[-1] // 100):
            result = await self._request(f"users to ask about, page {page + 1}", path, question=body, shown="limit 100")
            result.is_brief = result.status == 200
            found += [id_ for item in result.items() if (id_ := _text(item, "accountId"))]
            cursor = self._cursor(result)
            if not cursor:
                break
            body = {**body, "cursor": cursor}
        return found

    async def _quick_events(self) -> None:
        path = f"/admin/v1/orgs/{self._org_id}/events"
        statuses: list[str] = []
        while len(statuses) < _QUICK_CALLS and "429" not in statuses:
            result = await self._request("audit events, quick calls", path, {"limit": 1}, patient=False)
            result.is_brief = result.status == 200
            statuses.append(result.failed or str(result.status))
            result.facts = (("statuses in their order", " ".join(statuses)),)
            self._results = [one for one in self._results if one is result or one.title != result.title]

    # --- requests and results

    async def _request(
        self,
        title: str,
        path: str,
        params: Params | None = None,
        *,
        question: Any = None,
        shown: str = "",
        client: Client | None = None,
        patient: bool = True,
    ) -> ProbeResult:
        """`shown`: what may be shown of the request, by default its parameters. `patient`: retry once if needed."""
        self._report(title)
        shown = shown or ", ".join(f"{name} {value}" for name, value in (params or {}).items())
        method = "GET" if question is None else "POST"
        result = ProbeResult(title, f"{method} {_template(path)}{f' ({shown})' if shown else ''}")
        self._results.append(result)
        for is_last in (not patient, True):
            result.failed = ""
            try:
                answer = await (client or self._client).probe(path, params=params, question=question)
            except ApiError as error:
                if isinstance(error, NotConnected) and is_last and result is self._results[0]:
                    raise  # it says what is in the way
                result.failed = type(error.__cause__ or error).__name__
                again, wait = not is_last, 0.0
            else:
                self._record(result, answer)
                again = not is_last and answer.status in (429, 502, 503, 504)
                wait = (retry_after(answer.headers, self._clock()) or 2.0) if answer.status == 429 else 0.0
            if not again or wait > _MAX_WAIT:
                break
            result.first = result.failed or f"status {result.status}"
            await self._sleep(wait)
        return result

    def _record(self, result: ProbeResult, answer: RawResponse) -> None:
        result.status, result.headers, result.size = answer.status, answer.headers, len(answer.body)
        try:
            result.content = decode_body(answer.body)
        except ValueError:
            result.content = result.outline = result.next_link = None
            return
        result.outline = Outline(self._numbers, self._words)
        result.outline.add(result.content)
        links = result.content.get("links") if isinstance(result.content, dict) else None
        result.next_link = links.get("next") if isinstance(links, dict) else None

    def _skip(self, title: str, request: str, why: str) -> None:
        self._results.append(ProbeResult(title, request, facts=(("not asked", why),)))

    def _cursor(self, result: ProbeResult) -> str | None:
        try:
            return next_cursor(result.next_link, self._client.base_url, "Probe")
        except InvalidResponse:
            return None

    def _paging(self, result: ProbeResult) -> tuple[tuple[str, Any], ...]:
        if result.next_link is None:
            return (("next page", "none named"),)
        form = text_form(result.next_link) if isinstance(result.next_link, str) else "no text"
        kind = {"URL": "a whole URL", "path": "a path", "empty": "an empty text", "no text": "no text"}
        is_there = self._cursor(result) is not None
        return (("next page", f"{kind.get(form, 'a bare cursor')}{'' if is_there else ', which is not followed'}"),)

    def _as_json(self, result: ProbeResult) -> dict[str, Any]:
        found: dict[str, Any] = {"asked": result.title, "request": result.request}
        if result.first:
            found["first try"] = result.first
        if result.failed:
            found["no answer"] = result.failed
        elif result.status is not None:
            found |= {
                "status": result.status,
                "bytes": result.size,
                "headers": outline_headers(result.headers or {}),
            }
            if not result.is_brief:
                found["answer"] = result.outline.as_json() if result.outline else "no JSON"
        if not result.failed:
            found |= {"noted": dict(result.facts)} if result.facts else {}
        return found


def _template(path: str) -> str:
    """Return a path without the ids in it."""
    path = re.sub(r"/orgs/[^/]+", "/orgs/{org}", path)
    return re.sub(r"/users/[^/]+/manage", "/users/{account}/manage", path)


def _text(item: Any, name: str) -> str | None:
    found = item.get(name) if isinstance(item, dict) else None
    return found if isinstance(found, str) and found not in ("", ".", "..") else None


def _auth(event: dict[str, Any]) -> dict[str, Any] | None:
    attributes = event.get("attributes")
    actor = attributes.get("actor") if isinstance(attributes, dict) else None
    auth = actor.get("auth") if isinstance(actor, dict) else None
    return auth if isinstance(auth, dict) else None

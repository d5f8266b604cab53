"""What a real organization answers, for those who maintain this program: shapes and limits, nothing of its content.

Every request only reads. They go out one after the other, each once, and once more where the answer was a limit or
lost. What costs the organization more is asked on demand only.
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
from tokendesk.api.pacing import retry_after
from tokendesk.api.paging import next_cursor
from tokendesk.errors import ApiFailed, BadAnswer, KeyRefused
from tokendesk.running.outline import Numbers, Outline, Words, content_of, form_of, headers_of

SEND_TO = "Send it to the maintainers, with your bug report."
_ABOUT = (
    "What the admin API of an organization answers to tokendesk: names, types and sizes of members, limits and "
    "rate-limit headers. No value, name, address, id or key is in it: ids and addresses are numbers, in the order in "
    "which they were met, and the same number is the same text. A short word that somebody chose as a member's name "
    "cannot always be told from one of Atlassian: read the file before you send it."
)
_NOBODY = "712020:00000000-0000-4000-8000-000000000000"
_SCALE = (50, 100, 200, 500)
_QUICK = 11
_LONGEST_WAIT = 90.0
_WEEK = 7 * 86_400
_TOLD = re.compile(r"token|authentication polic", re.IGNORECASE)

Params = Mapping[str, str | int]


@dataclass(slots=True)
class Asked:
    """One question and what came. `facts` say what follows from it; `outline` is None where the body is no JSON."""

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
    """Whether what it is made of is known from a question before."""

    def items(self) -> list[dict[str, Any]]:
        found = self.content.get("data") if isinstance(self.content, dict) else self.content
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class Probe:
    """Asks the questions and keeps what may be told. `report` is told each question before it is asked."""

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
        """`revoking`: a client with the key without scopes, where there is one."""
        self._client, self._revoking = client, revoking
        self._org_id = quote(org_id, safe="")
        self._report, self._sleep, self._clock = report, sleep, clock
        self._numbers = Numbers()
        self._words = Words((org_id, client.base_url))
        self._asked: list[Asked] = []

    async def ask_all(self, *, limits: bool) -> dict[str, Any]:
        """Ask, and return what is to be written. Raises KeyRefused or ApiFailed where nothing was answered at all."""
        tokens = await self._tokens()
        users = await self._users()
        owner = next((_text(item.get("user"), "id") for item in tokens), None) or next(iter(users), None)
        await self._tokens_of_owner(owner, tokens)
        await self._policies(owner)
        await self._audit({id_ for item in tokens if (id_ := _text(item, "id"))})
        if limits:
            await self._many_ids(users)
            await self._quick_events()
        return {
            "what this is": _ABOUT,
            "where to send it": SEND_TO,
            "limits were tried": limits,
            "answers": [self._written(asked) for asked in self._asked],
        }

    # --- the questions

    async def _tokens(self) -> list[dict[str, Any]]:
        path = f"/admin/api-access/v1/orgs/{self._org_id}/api-tokens"
        found: list[dict[str, Any]] = []
        for size in (1, 1000):
            asked = await self._ask(f"tokens, page of {size:,}", path, {"pageSize": size})
            if asked is self._asked[0] and asked.status is None:
                raise ApiFailed("The API could not be reached, so there is nothing to write. Check the API address.")
            if asked is self._asked[0] and asked.status == 401:
                raise KeyRefused("Atlassian does not accept the API key, so there is nothing to write.")
            found = asked.items() or found
            asked.facts = (("items asked for", size), ("items given", len(asked.items())), *self._paging(asked))
        return found

    async def _users(self) -> list[str]:
        """Ask for two pages of users, in two ways, and for one that is too large; return account ids."""
        path = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        filters = {"claimStatus": "managed", "limit": 2, "expand": ["productAccess", "platformRoles"]}
        first = await self._ask("users, page 1", path, question=filters, shown="claimStatus, limit 2, expand")
        first.facts = (("items asked for", 2), ("items given", len(first.items())), *self._paging(first))
        cursor = self._cursor(first)
        if cursor:
            for words, body in (
                ("filters and cursor", {**filters, "cursor": cursor}),
                ("cursor alone", {"cursor": cursor}),
            ):
                page = await self._ask(f"users, page 2 by {words}", path, question=body, shown=words)
                page.facts = (("items given", len(page.items())), *self._paging(page))
        else:
            self._skip("users, page 2", "POST users/search", "page 1 named no further page that may be asked for")
        large = await self._ask(
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
        asked = await self._ask(title, path, client=self._revoking or self._client)
        listed = {_text(item, "id") for item in tokens if _text(item.get("user"), "id") == owner}
        held = {_text(item, "id") for item in asked.items()}
        asked.facts = (
            ("with the key without scopes", self._revoking is not None),
            ("tokens of this owner in the organization's list", len(listed)),
            ("tokens of this owner here", len(held)),
            ("ids that are in both", len(listed & held)),
            ("with disabledStatus", sum("disabledStatus" in item for item in asked.items())),
        )

    async def _policies(self, owner: str | None) -> None:
        path = f"/admin/control/v1/orgs/{self._org_id}/users/auth-policies/bulk-fetch"
        if owner is None:
            self._skip("policy of one user", "POST users/auth-policies/bulk-fetch", "no user is known")
        else:
            await self._ask_policies("policy of one user", path, [owner])
        search = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        body = {"claimStatus": "unmanaged", "limit": 1}
        unmanaged = await self._ask("one user who is not managed", search, question=body, shown="claimStatus, limit 1")
        stranger = _text(next(iter(unmanaged.items()), None), "accountId")
        if stranger is None:
            self._skip("policy of a user who is not managed", "POST users/auth-policies/bulk-fetch", "nobody is known")
        else:
            await self._ask_policies("policy of a user who is not managed", path, [stranger])
        await self._ask_policies("policy of a made-up account id", path, [_NOBODY])
        if owner is not None:
            await self._ask_policies("policies of one user and a made-up account id", path, [owner, _NOBODY])

    async def _ask_policies(self, title: str, path: str, accounts: Sequence[str]) -> Asked:
        asked = await self._ask(title, path, question={"accountIds": list(accounts)}, shown=f"{len(accounts):,} ids")
        asked.facts = (("ids asked about", len(accounts)), ("elements given", len(asked.items())))
        return asked

    async def _audit(self, listed: set[str]) -> None:
        actions = await self._ask("audit actions", f"/admin/v1/orgs/{self._org_id}/event-actions")
        matching = [item for item in actions.items() if _TOLD.search(json.dumps(item))]
        actions.facts = (
            ("actions", len(actions.items())),
            ("about tokens or authentication policies", len(matching)),
        )
        path = f"/admin/v1/orgs/{self._org_id}/events-stream"
        since = int(self._clock() - _WEEK) * 1000
        events = await self._ask("audit events of a week", path, {"limit": 200, "from": since}, shown="limit 200, from")
        auths = [auth for item in events.items() if (auth := _auth(item))]
        named = [id_ for auth in auths if (id_ := _text(auth, "tokenId"))]
        events.facts = (
            ("events", len(events.items())),
            ("with actor.auth", len(auths)),
            ("with a token id", len(named)),
            ("whose token id is in the token list", sum(id_ in listed for id_ in named)),
            *self._paging(events),
        )

    async def _many_ids(self, accounts: list[str]) -> None:
        """Ask about more and more users at once, until it is refused or there are no more of them."""
        path = f"/admin/control/v1/orgs/{self._org_id}/users/auth-policies/bulk-fetch"
        accounts = list(dict.fromkeys([*accounts, *await self._more_users()]))
        for count in _SCALE:
            asked = await self._ask_policies(f"policies of {count:,} users", path, accounts[:count])
            if asked.status != 200 or len(accounts) <= count:
                return

    async def _more_users(self) -> list[str]:
        path = f"/admin/v2/orgs/{self._org_id}/directories/-/users/search"
        body: dict[str, Any] = {"claimStatus": "managed", "limit": 100}
        found: list[str] = []
        for page in range(_SCALE[-1] // 100):
            asked = await self._ask(f"users to ask about, page {page + 1}", path, question=body, shown="limit 100")
            asked.is_brief = asked.status == 200
            found += [id_ for item in asked.items() if (id_ := _text(item, "accountId"))]
            cursor = self._cursor(asked)
            if not cursor:
                break
            body = {**body, "cursor": cursor}
        return found

    async def _quick_events(self) -> None:
        path = f"/admin/v1/orgs/{self._org_id}/events"
        statuses: list[str] = []
        while len(statuses) < _QUICK and "429" not in statuses:
            asked = await self._ask("audit events, quick calls", path, {"limit": 1}, patient=False)
            asked.is_brief = asked.status == 200
            statuses.append(asked.failed or str(asked.status))
            asked.facts = (("statuses in their order", " ".join(statuses)),)
            self._asked = [one for one in self._asked if one is asked or one.title != asked.title]

    # --- asking and writing

    async def _ask(
        self,
        title: str,
        path: str,
        params: Params | None = None,
        *,
        question: Any = None,
        shown: str = "",
        client: Client | None = None,
        patient: bool = True,
    ) -> Asked:
        """`shown`: what of the question may be written, by default its parameters. `patient`: ask twice if need be."""
        self._report(title)
        shown = shown or ", ".join(f"{name} {value}" for name, value in (params or {}).items())
        method = "GET" if question is None else "POST"
        asked = Asked(title, f"{method} {_template(path)}{f' ({shown})' if shown else ''}")
        self._asked.append(asked)
        for is_last in (not patient, True):
            asked.failed = ""
            try:
                answer = await (client or self._client).probe(path, params=params, question=question)
            except ApiFailed as error:
                asked.failed = type(error.__cause__ or error).__name__
                again, wait = not is_last, 0.0
            else:
                self._keep(asked, answer)
                again = not is_last and answer.status in (429, 502, 503, 504)
                wait = (retry_after(answer.headers, self._clock()) or 2.0) if answer.status == 429 else 0.0
            if not again or wait > _LONGEST_WAIT:
                break
            asked.first = asked.failed or f"status {asked.status}"
            await self._sleep(wait)
        return asked

    def _keep(self, asked: Asked, answer: RawResponse) -> None:
        asked.status, asked.headers, asked.size = answer.status, answer.headers, len(answer.body)
        try:
            asked.content = content_of(answer.body)
        except ValueError:
            asked.content = asked.outline = asked.next_link = None
            return
        asked.outline = Outline(self._numbers, self._words)
        asked.outline.add(asked.content)
        links = asked.content.get("links") if isinstance(asked.content, dict) else None
        asked.next_link = links.get("next") if isinstance(links, dict) else None

    def _skip(self, title: str, request: str, why: str) -> None:
        self._asked.append(Asked(title, request, facts=(("not asked", why),)))

    def _cursor(self, asked: Asked) -> str | None:
        try:
            return next_cursor(asked.next_link, self._client.base_url, "Probe")
        except BadAnswer:
            return None

    def _paging(self, asked: Asked) -> tuple[tuple[str, Any], ...]:
        if asked.next_link is None:
            return (("next page", "none named"),)
        form = form_of(asked.next_link) if isinstance(asked.next_link, str) else "no text"
        kind = {"URL": "a whole URL", "path": "a path", "empty": "an empty text", "no text": "no text"}
        is_there = self._cursor(asked) is not None
        return (("next page", f"{kind.get(form, 'a bare cursor')}{'' if is_there else ', which is not followed'}"),)

    def _written(self, asked: Asked) -> dict[str, Any]:
        found: dict[str, Any] = {"asked": asked.title, "request": asked.request}
        if asked.first:
            found["first try"] = asked.first
        if asked.failed:
            found["no answer"] = asked.failed
        elif asked.status is not None:
            found |= {
                "status": asked.status,
                "bytes": asked.size,
                "headers": headers_of(asked.headers or {}),
            }
            if not asked.is_brief:
                found["answer"] = asked.outline.written() if asked.outline else "no JSON"
        if not asked.failed:
            found |= {"noted": dict(asked.facts)} if asked.facts else {}
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

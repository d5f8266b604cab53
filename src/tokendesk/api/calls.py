"""One function for each endpoint in use. Facts and scopes: api handbook, the section named at each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from tokendesk.api import decoding, policy_shapes, shapes
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, InvalidId, NotFound
from tokendesk.api.paging import CursorChain, next_cursor
from tokendesk.errors import InvalidResponse, KeyRefused, TokendeskError, UsageError
from tokendesk.model.bounds import ID_CHARACTERS
from tokendesk.model.records import Event, MoveTask, Organization, Token, User, UserToken
from tokendesk.model.text import printable

PAGE_SIZE = 100
EVENTS_PAGE = 500
_CURSOR_REFUSED = (400, 409, 422)


def quoted_org(org_id: str) -> str:
    """Return the id as part of a path. Raises UsageError if it cannot be one."""
    if not _is_sendable_id(org_id):
        raise UsageError(
            "This is not an organization id. "
            "Copy it from the address admin.atlassian.com/o/ID/… and set TOKENDESK_ORG_ID."
        )
    return quote(org_id, safe="")


def _is_sendable_id(text: str) -> bool:
    """Whether a text is short enough for an id and can be encoded: a lone surrogate cannot."""
    return len(text) <= ID_CHARACTERS and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _id(text: str, what: str) -> str:
    """Return an id as a path segment. Dots alone would lead to another path, an empty id to the whole list."""
    if text in ("", ".", ".."):
        raise InvalidId(
            f"{what}: Atlassian returned {text!r} as an id, which is not valid. Nothing was sent; pull again."
        )
    if not _is_sendable_id(text):
        raise InvalidId(f"{what}: an id of {len(text):,} characters is too long. Nothing was sent; pull again.")
    return quote(text, safe="")


async def organization(client: Client, org_id: str) -> Organization:
    """Handbook 4.1; scope read:orgs:admin."""
    what = "Organization"
    try:
        body = await client.get(f"/admin/v1/orgs/{quoted_org(org_id)}", what=what, scope="read:orgs:admin")
    except NotFound:
        raise NotFound(
            f"Atlassian has no organization {org_id} for this key. "
            "Copy the id from the address admin.atlassian.com/o/ID/… and set TOKENDESK_ORG_ID."
        ) from None
    found = shapes.organization(body, what)
    if found.org_id.casefold() != org_id.casefold():
        raise InvalidResponse(
            f"{what}: the request was for {org_id}, and the response is about {printable(found.org_id)[:40]}. "
            "It was ignored. Check the API address and the proxy."
        )
    return found


async def count_tokens(client: Client, org_id: str) -> int | None:
    """Handbook 6.1; a bare integer. None if it is not known: it serves progress only. Raises KeyRefused."""
    try:
        body = await client.get(
            f"/admin/api-access/v1/orgs/{quoted_org(org_id)}/api-tokens/count",
            what="Token count",
            scope="read:tokens:admin",
        )
    except KeyRefused:
        raise
    except TokendeskError:
        return None
    return decoding.decode_count(body)


async def count_users(client: Client, org_id: str) -> int | None:
    """Handbook 4; managed accounts only. None if it is not known: it serves progress only."""
    try:
        body = await client.get(
            f"/admin/v2/orgs/{quoted_org(org_id)}/directories/-/users/count",
            what="User count",
            scope="read:directories:admin",
            params={"claimStatus": "managed"},
        )
    except TokendeskError:
        return None
    return decoding.decode_count(body)


async def tokens(client: Client, org_id: str, page_size: int = PAGE_SIZE) -> AsyncIterator[list[Token]]:
    """Yield the pages of all managed users' tokens. Handbook 6.1; scope read:tokens:admin."""
    chain = CursorChain(client.base_url, "Tokens")
    while True:
        params: dict[str, str | int] = {"pageSize": page_size}
        if chain.cursor:
            params["cursor"] = chain.cursor
        body = await client.get(
            f"/admin/api-access/v1/orgs/{quoted_org(org_id)}/api-tokens",
            what="Tokens",
            scope="read:tokens:admin",
            params=params,
        )
        what = f"Tokens, page {chain.page}"
        page = decoding.decode(body, shapes.Page, what)
        yield shapes.tokens(page.data, what)
        if not chain.advance(page.links.next if page.links else None):
            return


async def first_tokens(client: Client, org_id: str) -> list[Token]:
    """Return at most one token, to test what the key may do. Handbook 6.1; scope read:tokens:admin."""
    body = await client.get(
        f"/admin/api-access/v1/orgs/{quoted_org(org_id)}/api-tokens",
        what="Tokens",
        scope="read:tokens:admin",
        params={"pageSize": 1},
    )
    return shapes.tokens(decoding.decode(body, shapes.Page, "Tokens").data, "Tokens")


class UserPage(NamedTuple):
    """`following`: the cursor of the next page; None at the end."""

    users: list[User]
    following: str | None


async def users(
    client: Client, org_id: str, cursor: str | None = None, *, account_ids: Sequence[str] = ()
) -> AsyncIterator[UserPage]:
    """Yield the pages of all managed users, also those in no directory. Handbook 4.2; read:directories:admin.

    `cursor`: where to begin. `account_ids`: only these users. If a server rejects filters together with a cursor, the
    cursor is sent alone from then on.
    """
    chain = CursorChain(client.base_url, "Users", cursor)
    filters: dict[str, Any] = {
        "claimStatus": "managed",
        "limit": PAGE_SIZE,
        "expand": ["productAccess", "platformRoles"],
        **({"accountIds": list(account_ids)} if account_ids else {}),
    }
    alone = False
    while True:
        if chain.cursor is None:
            body = await _search_users(client, org_id, filters)
        elif alone:
            body = await _search_users(client, org_id, {"cursor": chain.cursor})
        else:
            try:
                body = await _search_users(client, org_id, {**filters, "cursor": chain.cursor})
            except BadRequest as error:
                if error.status not in _CURSOR_REFUSED:
                    raise
                body = await _search_users(client, org_id, {"cursor": chain.cursor})
                alone = True
        what = f"Users, page {chain.page}"
        page = decoding.decode(body, shapes.Page, what)
        found = shapes.users(page.data, what)
        if alone:  # the server may have forgotten the filters
            found = [user for user in found if (user.claim_status or "managed").casefold() == "managed"]
        more = chain.advance(page.links.next if page.links else None)
        yield UserPage(found, chain.cursor if more else None)
        if not more:
            return


async def _search_users(client: Client, org_id: str, question: dict[str, Any]) -> bytes:
    path = f"/admin/v2/orgs/{quoted_org(org_id)}/directories/-/users/search"
    return await client.query(path, question, what="Users", scope="read:directories:admin")


async def users_v1(client: Client, org_id: str, cursor: str | None = None) -> AsyncIterator[UserPage]:
    """Yield the pages of managed accounts from the older list. Handbook 4.1; scope read:accounts:admin.

    `cursor`: where to begin.
    """
    chain = CursorChain(client.base_url, "Users (v1)", cursor)
    while True:
        body = await client.get(
            f"/admin/v1/orgs/{quoted_org(org_id)}/users",
            what="Users (v1)",
            scope="read:accounts:admin",
            params={"cursor": chain.cursor} if chain.cursor else {},
        )
        what = f"Users (v1), page {chain.page}"
        page = decoding.decode(body, shapes.Page, what)
        found = shapes.managed_accounts(page.data, what)
        more = chain.advance(page.links.next if page.links else None)
        yield UserPage(found, chain.cursor if more else None)
        if not more:
            return


async def first_user(client: Client, org_id: str) -> User | None:
    """Return one managed user, to test what a key may do. Handbook 10.1."""
    body = await _search_users(client, org_id, {"claimStatus": "managed", "limit": 1})
    return next(iter(shapes.users(decoding.decode(body, shapes.Page, "Users").data, "Users")), None)


async def existing_emails(client: Client, org_id: str, emails: Sequence[str]) -> frozenset[str] | None:
    """Return which of these addresses belong to users, case-folded; None if an address is hidden. Handbook 4."""
    there = set[str]()
    for start in range(0, len(emails), PAGE_SIZE):
        question = {"emails": list(emails[start : start + PAGE_SIZE]), "limit": PAGE_SIZE}
        body = await _search_users(client, org_id, question)
        for user in shapes.users(decoding.decode(body, shapes.Page, "Users").data, "Users"):
            if not user.email:
                return None
            there.add(user.email.casefold())
    return frozenset(there)


async def account_privileges(client: Client, account_id: str) -> dict[str, bool]:
    """Return what the key may do to one account. Handbook 5; needs a key without scopes."""
    what = "Rights on an account"
    body = await client.get(
        f"/users/{_id(account_id, what)}/manage", what=what, params={"privileges": "apiToken.delete"}
    )
    return shapes.privileges(body, what)


async def probe_events(client: Client, org_id: str) -> None:
    """Request one audit event. Handbook 4.4; scope read:events:admin."""
    await client.get(
        f"/admin/v1/orgs/{quoted_org(org_id)}/events-stream",
        what="Audit events",
        scope="read:events:admin",
        params={"limit": 1},
    )


async def probe_move_tasks(client: Client, org_id: str) -> None:
    """Request a task that does not exist: 404 shows that tasks may be read. Handbook 7.2; write:policies:admin."""
    await client.get(
        f"/admin/control/v1/orgs/{quoted_org(org_id)}/auth-policy/task/00000000-0000-4000-8000-000000000000",
        what="Policy moves",
        scope="write:policies:admin",
    )


async def memberships(client: Client, org_id: str, accounts: Mapping[str, str | None]) -> policy_shapes.PolicyResponse:
    """Return the policy of each account (id -> e-mail). Handbook 7.3; no scope documented."""
    what = "Policies of users"
    try:
        body = await client.query(
            f"/admin/control/v1/orgs/{quoted_org(org_id)}/users/auth-policies/bulk-fetch",
            {"accountIds": list(accounts)},
            what=what,
        )
    except NotFound as error:
        whom = f"the account {next(iter(accounts))}" if len(accounts) == 1 else f"one of {len(accounts):,} accounts"
        raise NotFound(
            f"{what}: not found{error.said_in_brackets}. Most likely {whom} is not a managed account.", error.said
        ) from None
    return policy_shapes.decode_policies(body, accounts, what)


async def add_users(client: Client, org_id: str, policy_id: str, emails: Sequence[str]) -> str:
    """Move users into a policy; return the id of the task that does it. Handbook 7.1; write:policies:admin.

    Retried only if the first try was certainly not executed: a lost response is an error to be settled.
    """
    what = "Policy move"
    try:
        body = await client.mutate(
            "POST",
            f"/admin/control/v1/orgs/{quoted_org(org_id)}/auth-policy/{_id(policy_id, what)}/add-users",
            {"users": list(emails)},
            what=what,
            scope="write:policies:admin",
        )
    except NotFound as error:
        raise NotFound(
            f"{what}: not found{error.said_in_brackets}. Most likely the policy {policy_id} no longer exists. "
            "Check it in the console, then pull.",
            error.said,
        ) from None
    return decoding.decode(body, shapes.TaskStarted, what).task_id


async def move_task(client: Client, org_id: str, task_id: str) -> MoveTask:
    """Return the progress of a move. Handbook 7.2; write:policies:admin."""
    what = "Task of a policy move"
    body = await client.get(
        f"/admin/control/v1/orgs/{quoted_org(org_id)}/auth-policy/task/{_id(task_id, what)}",
        what=what,
        scope="write:policies:admin",
    )
    return shapes.move_task(body, what)


async def account_tokens(client: Client, account_id: str) -> list[UserToken]:
    """Return the tokens of one managed account. Handbook 5; no paging; needs a key without scopes."""
    what = "Tokens of an account"
    body = await client.get(f"/users/{_id(account_id, what)}/manage/api-tokens", what=what)
    return shapes.user_tokens(body, what)


async def delete_token(client: Client, account_id: str, token_id: str) -> bool:
    """Revoke one token permanently; False if it did not exist. Handbook 5; needs a key without scopes."""
    what = "Revocation of a token"
    path = f"/users/{_id(account_id, what)}/manage/api-tokens/{_id(token_id, what)}"
    try:
        await client.mutate("DELETE", path, None, what=what)
    except NotFound:
        return False
    return True


async def events(
    client: Client, org_id: str, cursor: str | None = None, since: int | None = None
) -> AsyncIterator[tuple[list[Event], str | None]]:
    """Yield pages of audit events, each with the cursor to continue from later. Handbook 4.4; read:events:admin.

    The stream always names a next cursor; an empty page is its end. `since`: epoch seconds, without a cursor.
    """
    while True:
        params: dict[str, str | int] = {"limit": EVENTS_PAGE}
        if cursor:
            params["cursor"] = cursor
        elif since is not None:
            params["from"] = since * 1000
        what = "Audit events"
        body = await client.get(
            f"/admin/v1/orgs/{quoted_org(org_id)}/events-stream", what=what, scope="read:events:admin", params=params
        )
        page = decoding.decode(body, shapes.EventPage, what)
        named = (page.meta.next if page.meta else None) or (page.links.next if page.links else None)
        following = next_cursor(named, client.base_url, what)
        yield shapes.events(page.data, what), following or cursor
        if not page.data or following is None or following == cursor:
            return
        cursor = following


async def event_actions(client: Client, org_id: str) -> dict[str, str]:
    """Return the display names of audit actions by id. Handbook 4.4; read:events:admin."""
    what = "Audit actions"
    body = await client.get(f"/admin/v1/orgs/{quoted_org(org_id)}/event-actions", what=what, scope="read:events:admin")
    return shapes.event_actions(body, what)

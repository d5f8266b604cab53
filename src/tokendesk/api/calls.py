"""One function for each endpoint in use. Facts and scopes: api handbook, the section named at each."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from tokendesk.api import shapes
from tokendesk.api.client import Client
from tokendesk.api.paging import CursorChain
from tokendesk.api.problems import NotInPlan, NotThere
from tokendesk.errors import TokendeskError
from tokendesk.model.records import Membership, Organization, Token, User

PAGE_SIZE = 100


def _org(org_id: str) -> str:
    return quote(org_id, safe="")


async def organization(client: Client, org_id: str) -> Organization:
    """Handbook 4.1; scope read:orgs:admin."""
    what = "Organization"
    try:
        body = await client.get(f"/admin/v1/orgs/{_org(org_id)}", what=what, scope="read:orgs:admin")
    except NotThere:
        raise NotThere(
            f"Atlassian knows no organization {org_id} for this key. "
            "Copy the id from the address admin.atlassian.com/o/ID/… and set TOKENDESK_ORG_ID."
        ) from None
    return shapes.organization(body, what)


async def count_tokens(client: Client, org_id: str) -> int | None:
    """Handbook 6.1; a bare integer. None where it cannot be told: it serves progress only."""
    try:
        body = await client.get(
            f"/admin/api-access/v1/orgs/{_org(org_id)}/api-tokens/count",
            what="Token count",
            scope="read:tokens:admin",
        )
    except (NotThere, NotInPlan):
        return None
    return shapes.decode_count(body)


async def count_users(client: Client, org_id: str) -> int | None:
    """Handbook 4; managed accounts only. None where it cannot be told: it serves progress only."""
    try:
        body = await client.get(
            f"/admin/v2/orgs/{_org(org_id)}/directories/-/users/count",
            what="User count",
            scope="read:directories:admin",
            params={"claimStatus": "managed"},
        )
    except TokendeskError:
        return None
    return shapes.decode_count(body)


async def tokens(client: Client, org_id: str) -> AsyncIterator[list[Token]]:
    """Yield the pages of all managed users' tokens. Handbook 6.1; scope read:tokens:admin."""
    chain = CursorChain(client.base_url, "Tokens")
    while True:
        params: dict[str, str | int] = {"pageSize": PAGE_SIZE}
        if chain.cursor:
            params["cursor"] = chain.cursor
        body = await client.get(
            f"/admin/api-access/v1/orgs/{_org(org_id)}/api-tokens",
            what="Tokens",
            scope="read:tokens:admin",
            params=params,
        )
        what = f"Tokens, page {chain.page}"
        page = shapes.decode(body, shapes.Page, what)
        yield shapes.tokens(page.data, what)
        if not chain.advance(page.links.next if page.links else None):
            return


async def users(client: Client, org_id: str) -> AsyncIterator[list[User]]:
    """Yield the pages of all managed users, those in no directory too. Handbook 4.2; read:directories:admin."""
    chain = CursorChain(client.base_url, "Users")
    while True:
        question: dict[str, Any] = {
            "claimStatus": "managed",
            "limit": PAGE_SIZE,
            "expand": ["productAccess", "platformRoles"],
        }
        if chain.cursor:
            question["cursor"] = chain.cursor
        body = await client.ask(
            f"/admin/v2/orgs/{_org(org_id)}/directories/-/users/search",
            question,
            what="Users",
            scope="read:directories:admin",
        )
        what = f"Users, page {chain.page}"
        page = shapes.decode(body, shapes.Page, what)
        yield shapes.users(page.data, what)
        if not chain.advance(page.links.next if page.links else None):
            return


async def memberships(client: Client, org_id: str, accounts: Mapping[str, str | None]) -> list[Membership]:
    """Return the policy of each account (id -> e-mail) that the answer names. Handbook 7.3; no scope stated."""
    what = "Policies of users"
    body = await client.ask(
        f"/admin/control/v1/orgs/{_org(org_id)}/users/auth-policies/bulk-fetch",
        {"accountIds": list(accounts)},
        what=what,
    )
    return shapes.memberships(body, accounts, what)

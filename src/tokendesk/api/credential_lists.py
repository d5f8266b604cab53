"""Reads the organization's lists of credentials. Each may be missing, refused, or of a shape that nobody documents."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.credential_shapes import CredentialPage, credential_page
from tokendesk.api.http_errors import BadRequest, ServerError
from tokendesk.api.paging import CursorChain
from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT, SERVICE_ACCOUNT, SERVICE_TOKEN
from tokendesk.model.records import Credential


class CredentialList(NamedTuple):
    """`name`: what it is called in the snapshot; `path`: below the organization's; `scope`: what a key needs for it."""

    name: str
    title: str
    kind: str
    path: str
    scope: str


_OF_ACCOUNTS = "read:service-accounts-tokens:admin"
CREDENTIAL_LISTS = (
    CredentialList("api-keys", "API keys", KEY, "api-keys", "read:keys:admin"),
    CredentialList(
        "service-accounts", "Service accounts", SERVICE_ACCOUNT, "service-accounts", "read:service-accounts:admin"
    ),
    CredentialList(
        "service-tokens", "Tokens of service accounts", SERVICE_TOKEN, "service-accounts/api-tokens", _OF_ACCOUNTS
    ),
    CredentialList(
        "service-clients", "OAuth clients of service accounts", OAUTH_CLIENT, "service-accounts/oauth-clients",
        _OF_ACCOUNTS,
    ),
    CredentialList("oauth-clients", "OAuth clients", OAUTH_CLIENT, "oauth-clients", _OF_ACCOUNTS),
)  # fmt: skip
"""The lists of the whole organization (api handbook 6.2, 6.3). A client may be in both lists of clients."""


async def credentials(client: Client, org_id: str, wanted: CredentialList) -> AsyncGenerator[CredentialPage, None]:
    """Yield the pages of a list. The page size is left out where the server refuses it.

    For some lists it is not documented; but others of this API fail without it (api handbook 6.1, second look 3).
    """
    chain, read = CursorChain(client.base_url, wanted.title), 0
    size: dict[str, str | int] = {"pageSize": calls.PAGE_SIZE}
    while True:
        params = {**size, **({"cursor": chain.cursor} if chain.cursor else {})}
        try:
            body = await _page(client, org_id, wanted, params)
        except (BadRequest, ServerError):
            if not size or chain.cursor:
                raise
            size = {}
            body = await _page(client, org_id, wanted, {})
        page = credential_page(body, wanted.kind, f"{wanted.title}, page {chain.page}")
        yield page
        read += len(page.credentials) + page.unreadable
        if page.total is not None and 0 < page.total <= read:
            return  # some name a next page all the same
        if not chain.advance(page.following):
            return


async def first_credentials(client: Client, org_id: str, wanted: CredentialList) -> list[Credential]:
    """Return the first page of a list, to test what the key may do."""
    async with aclosing(credentials(client, org_id, wanted)) as pages:
        async for page in pages:
            return page.credentials
    return []


async def _page(client: Client, org_id: str, wanted: CredentialList, params: dict[str, str | int]) -> bytes:
    path = f"/admin/api-access/v1/orgs/{calls.quoted_org(org_id)}/{wanted.path}"
    return await client.get(path, what=wanted.title, scope=wanted.scope, params=params)

"""API keys, service accounts with their tokens, and OAuth clients as their lists return them.

Documented are the items of keys and accounts (api handbook 6.2 and 6.3); those of tokens and OAuth clients are guesses.
"""

from datetime import timedelta
from typing import Any

from tokendesk.sandbox.credential_scenario import grant_types
from tokendesk.sandbox.credential_series import Credential
from tokendesk.sandbox.formats import format_time, without_nulls
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.seeded_random import Ids


def account_item(organization: Organization, number: int) -> dict[str, Any]:
    ids = Ids(organization.seed, "service account")
    roles = organization.credentials.roles
    account = roles.account(number)
    creator = roles.creator(number)
    address = f"{account.name.lower().replace(' ', '-')}-{ids.hex(number)[:6]}@serviceaccount.atlassian.com"
    updated = organization.anchor - timedelta(days=40 + 50 * (number % 12))
    return {
        "atlassianId": f"712020:{ids.uuid(_ACCOUNT_IDS + number)}",
        "id": account_id(organization, number),
        "email": address,
        "displayName": account.name,
        "picture": f"https://avatar.example.com/service-{number}.png",
        "container": f"ari:cloud:platform::org/{organization.id}",
        "updatedAt": int(updated.timestamp() * 1000),
        "status": "ACTIVE" if account.active else "INACTIVE",
        "createdById": organization.accounts.account_id(creator) if creator >= 0 else "",
        "description": account.description,
    }


_ACCOUNT_IDS = 1 << 32
"""Keeps the two ids of an account apart."""


def account_id(organization: Organization, number: int) -> str:
    return Ids(organization.seed, "service account").uuid(number)


def find_account(organization: Organization, text: str) -> int | None:
    """Return the number of a service account by its id, or None."""
    number = Ids(organization.seed, "service account").payload(text)
    known = number is not None and number < organization.credentials.sizes.service_accounts
    return number if known and account_id(organization, number or 0) == text else None


def token_item(organization: Organization, token: Credential) -> dict[str, Any]:
    series = organization.credentials.tokens
    return without_nulls(
        {
            "id": series.id(token.number),
            "label": token.label,
            "createdAt": format_time(token.created),
            "expiresAt": format_time(token.ends),
            "lastActiveAt": format_time(series.last_use(token, organization.seconds())),
            "serviceAccountId": account_id(organization, token.owner),
            "scopes": list(series.role(token.slot).scopes),
        }
    )


def key_item(organization: Organization, key: Credential) -> dict[str, Any]:
    series = organization.credentials.keys
    key_id = series.id(key.number)
    return without_nulls(
        {
            "id": key_id,
            "label": key.label,
            "createdAt": format_time(key.created),
            "expiresAt": format_time(key.ends),
            "lastActiveAt": format_time(series.last_use(key, organization.seconds())),
            "systemAccountId": f"712020:{Ids(organization.seed, 'system account').uuid(key.number)}",
            "resource": f"ari:cloud:platform::org/{organization.id}",
            "orgId": organization.id,
            "createdBy": _creator(organization, key.owner),
            "scopes": list(series.role(key.slot).scopes),
        }
    )


def client_item(organization: Organization, client: Credential) -> dict[str, Any]:
    credentials = organization.credentials
    maker = credentials.roles.admin(client.slot) if client.owner < 0 else credentials.roles.creator(client.owner)
    return without_nulls(
        {
            "clientId": credentials.clients.id(client.number),
            "clientName": client.label,
            "createdAt": format_time(client.created),
            "createdBy": _creator(organization, maker),
            "scopes": list(credentials.clients.role(client.slot).scopes),
            "grantTypes": list(grant_types(client.owner)),
            "lastUsedAt": format_time(credentials.clients.last_use(client, organization.seconds())),
            "serviceAccountId": account_id(organization, client.owner) if client.owner >= 0 else None,
        }
    )


def _creator(organization: Organization, index: int) -> dict[str, Any] | None:
    if index < 0:
        return None
    name, _, email = organization.accounts.names(index)
    return without_nulls({"id": organization.accounts.account_id(index), "name": name, "email": email})

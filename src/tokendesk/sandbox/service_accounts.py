"""Atlassian's service accounts with their tokens, and the organization's API keys."""

from datetime import timedelta
from typing import Any

from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.formats import format_time
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.seeded_random import Ids

# Name, description, and the label, age and scopes of each token.
_ACCOUNTS = (
    ("Deploy gate", "Asks Jira whether a change may go out", (("deploy gate prod", 61, ("read:jira-work",)),)),
    (
        "Wiki publisher",
        "Writes the API reference into Confluence",
        (
            ("publisher", 133, ("write:page:confluence", "read:page:confluence")),
            ("publisher staging", 133, ("write:page:confluence",)),
        ),
    ),
    ("Retired importer", "", ()),
)
_KEYS = (
    ("tokendesk (reads and moves)", 30, ("read:orgs:admin", "read:directories:admin", "read:tokens:admin")),
    ("tokendesk (revokes, without scopes)", 2, ()),
    ("SIEM export", 340, ("read:events:admin",)),
)


def accounts(organization: Organization) -> list[dict[str, Any]]:
    ids = Ids(organization.seed, "service account")
    creator = organization.accounts.account_id(organization.accounts.index(Kind.ADMIN, 0)) if organization.users else ""
    return [
        {
            "atlassianId": f"712020:{ids.uuid(i)}",
            "id": ids.uuid(100 + i),
            "email": f"{name.lower().replace(' ', '-')}-{ids.hex(i)[:6]}@serviceaccount.atlassian.com",
            "displayName": name,
            "picture": f"https://avatar.example.com/service-{i}.png",
            "container": f"ari:cloud:platform::org/{organization.id}",
            "updatedAt": int((organization.anchor - timedelta(days=40 + 50 * i)).timestamp() * 1000),
            "status": "ACTIVE" if tokens else "INACTIVE",
            "createdById": creator,
            "description": remark,
        }
        for i, (name, remark, tokens) in enumerate(_ACCOUNTS)
    ]


def tokens(organization: Organization) -> list[dict[str, Any]]:
    account_ids = Ids(organization.seed, "service account")
    ids = Ids(organization.seed, "service account token")
    found: list[dict[str, Any]] = []
    for i, (_, _, owned) in enumerate(_ACCOUNTS):
        for label, age, scopes in owned:
            created = organization.anchor - timedelta(days=age)
            found.append(
                {
                    "id": ids.hex(len(found)),
                    "label": label,
                    "createdAt": format_time(created),
                    "expiresAt": format_time(created + timedelta(days=365)),
                    "lastActiveAt": format_time(organization.now() - timedelta(hours=3 + i)),
                    "serviceAccountId": account_ids.uuid(100 + i),
                    "scopes": list(scopes),
                }
            )
    return found


def api_keys(organization: Organization) -> list[dict[str, Any]]:
    ids = Ids(organization.seed, "api key")
    creator = organization.person(organization.accounts.index(Kind.ADMIN, 0)) if organization.users else None
    keys: list[dict[str, Any]] = []
    for i, (label, age, scopes) in enumerate(_KEYS):
        created = organization.anchor - timedelta(days=age)
        key: dict[str, Any] = {
            "id": ids.uuid(i),
            "label": label,
            "createdAt": format_time(created),
            "expiresAt": format_time(created + timedelta(days=365)),
            "lastActiveAt": format_time(organization.now()),
            "systemAccountId": f"712020:{ids.uuid(100 + i)}",
            "resource": f"ari:cloud:platform::org/{organization.id}",
            "orgId": organization.id,
            "scopes": list(scopes),
        }
        if creator:
            key["createdBy"] = {"id": creator.account_id, "name": creator.name, "email": creator.email}
        keys.append(key)
    return keys

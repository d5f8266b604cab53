"""A token as the organization's list returns it."""

from typing import Any

from tokendesk.sandbox.formats import format_time, without_nulls
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.tokens import TokenLifetime


def org_token(organization: Organization, life: TokenLifetime, at: int | None = None) -> dict[str, Any]:
    """Return the record; `at`: epoch seconds, by default the organization's present."""
    now = organization.seconds() if at is None else at
    token = organization.tokens.token(life, now)
    person = organization.person(token.owner)
    # Tokens differ in the format of times: fractions and offsets occur.
    style = (0, 0, 0, 1, 2)[life.number % 5]
    user = {"id": person.account_id, "orgId": organization.id, "name": person.name, "email": person.email}
    record = {
        "id": token.id,
        "label": token.label,
        "status": "BLOCKED" if organization.blocks(organization.policy_of(token.owner)) else "ALLOWED",
        "createdAt": format_time(token.created, style),
        "expiresAt": format_time(token.expires, style),
        "lastActiveAt": format_time(organization.last_use_in(life, now), style),
        "user": without_nulls(user),
        "scopes": None if token.scopes is None else list(token.scopes),
    }
    return without_nulls(record)

"""Checks with read requests whether the key may revoke, before the review of a plan that could not be applied."""

from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.api.http_errors import Forbidden
from tokendesk.background import in_background
from tokendesk.errors import KeyRefused, TokendeskError
from tokendesk.running.access import ApiAccess

_HOW_TO_GET_KEY = (
    "Revoking needs an API key without scopes. Create one in the console (Settings > API keys), "
    "set TOKENDESK_REVOKE_KEY "
    "for this run, and revoke that key afterwards: it can do everything in the organization."
)


async def revoke_blocked_by(access: ApiAccess, account_id: str) -> str:
    """Return why tokens of this user cannot be revoked with the available keys; empty if they can.

    If it cannot be checked now, for example offline, it counts as allowed: the run reports it later.
    """
    try:
        own = await in_background(access.revoking_key)
        key, name = (own, "The revoke key") if own else (access.key, "This key")
        async with open_client(access.api_url, key) as client:
            rights = await calls.account_privileges(client, account_id)
    except Forbidden:
        return f"{name} may not revoke tokens. {_HOW_TO_GET_KEY}"
    except KeyRefused as error:
        return str(error)
    except TokendeskError:
        return ""
    return (
        f"{name} may not revoke this user's tokens. {_HOW_TO_GET_KEY}" if rights.get("apiToken.delete") is False else ""
    )

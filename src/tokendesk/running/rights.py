"""Whether the key may revoke, asked by reading only: before somebody reviews a plan that could not be carried out."""

import asyncio

from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.api.http_errors import Forbidden
from tokendesk.errors import KeyRefused, TokendeskError
from tokendesk.running.access import Access

_NEEDED = (
    "Revoking needs an API key without scopes. Make one in the console (Settings > API keys), set TOKENDESK_REVOKE_KEY "
    "for this run, and revoke that key afterwards: it can do everything in the organization."
)


async def why_not_revoke(way: Access, account_id: str) -> str:
    """Return why tokens of this user cannot be revoked with the keys there are; empty where nothing is against it.

    What cannot be told now, such as without a network, is not held against it: the run says it then.
    """
    try:
        own = await asyncio.to_thread(way.revoking_key)
        key, name = (own, "The revoke key") if own else (way.key, "This key")
        async with open_client(way.api_url, key) as client:
            rights = await calls.account_privileges(client, account_id)
    except Forbidden:
        return f"{name} may not revoke tokens. {_NEEDED}"
    except KeyRefused as error:
        return str(error)
    except TokendeskError:
        return ""
    return f"{name} may not revoke this user's tokens. {_NEEDED}" if rights.get("apiToken.delete") is False else ""

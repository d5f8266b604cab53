"""Checks what a key can do, with read requests only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.credential_lists import CREDENTIAL_LISTS, first_credentials
from tokendesk.api.http_errors import Forbidden, NotConnected, NotFound, NotInPlan
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.errors import KeyRefused, TokendeskError
from tokendesk.model.credential_kinds import KEY
from tokendesk.model.records import Credential
from tokendesk.model.timestamps import DAY, day, parse_timestamp

YES, NO, UNKNOWN = "yes", "no", "unknown"
_EXPIRY_WARNING = 30 * DAY


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether the key can do it (`yes`, `no`, `unknown`), which endpoint was tested, and what to do."""

    name: str
    answer: str
    endpoint: str
    words: str = ""


async def check_key(client: Client, org_id: str, revoking: Client | None, now: int) -> list[Capability]:
    """Send one read request for each feature of the program. Raises KeyRefused if the key is rejected altogether.

    Without a connection the first row says why, and is the only one.

    `revoking`: a client with the key without scopes, if there is one.
    """
    found: list[Capability] = []

    is_connected = True

    async def attempt(name: str, endpoint: str, scope: str, question: Callable[[], Awaitable[object]]) -> object:
        nonlocal is_connected
        answer, words, value = YES, "", None
        try:
            value = await question()
        except Forbidden:
            answer, words = NO, f"create a key with {scope}"
        except NotInPlan:
            answer, words = NO, "the organization's plan does not include it"
        except KeyRefused:
            raise
        except NotFound as error:
            if name == "organization":
                raise
            answer, words = (YES, "") if name == "move users" else (UNKNOWN, str(error))
        except TokendeskError as error:
            is_connected = not isinstance(error, NotConnected)
            answer, words = UNKNOWN, str(error)
        found.append(Capability(name, answer, endpoint, words))
        return value

    await attempt("organization", "GET orgs/{org}", "read:orgs:admin", lambda: calls.organization(client, org_id))
    if not is_connected:
        return found  # the other requests would wait for nothing
    await attempt("tokens", "GET api-tokens", "read:tokens:admin", lambda: calls.first_tokens(client, org_id))
    user = await attempt(
        "users", "POST users/search", "read:directories:admin", lambda: calls.first_user(client, org_id)
    )
    account_id = getattr(user, "account_id", None)
    if account_id is None:
        found.append(Capability("policies", UNKNOWN, "POST bulk-fetch", "needs at least one user"))
    else:
        lookup = PolicyLookup(client, org_id)
        await attempt(
            "policies",
            "POST bulk-fetch",
            "the rights of an organization admin (Atlassian documents no scope)",
            lambda: lookup.fetch({account_id: None}, []),
        )
        if found[-1].answer == YES and lookup.problem:  # a response alone does not contain a policy
            found[-1] = replace(found[-1], answer=UNKNOWN, words=lookup.problem)
    await attempt(
        "move users",
        "GET auth-policy/task",
        "write:policies:admin",
        lambda: calls.probe_move_tasks(client, org_id),
    )
    found.append(await _check_revoking(revoking or client, account_id))
    await attempt("audit events", "GET events-stream", "read:events:admin", lambda: calls.probe_events(client, org_id))
    for wanted in CREDENTIAL_LISTS:
        if wanted.name not in _CHECKED:
            continue
        listed = await attempt(
            _CHECKED[wanted.name], f"GET {wanted.path.replace('service-accounts/', '…/')}", wanted.scope,
            partial(first_credentials, client, org_id, wanted),
        )  # fmt: skip
        if wanted.kind == KEY and isinstance(listed, list):
            found[-1] = replace(found[-1], words=_expiring_keys(listed, now))
    return found


_CHECKED = {
    "api-keys": "key's own expiry",
    "service-accounts": "service accounts",
    "service-tokens": "service tokens",
    "oauth-clients": "OAuth clients",
}
"""By list: what a key can do that may read it."""


async def _check_revoking(client: Client, account_id: str | None) -> Capability:
    endpoint = "GET users/{id}/manage"
    if account_id is None:
        return Capability("revoke tokens", UNKNOWN, endpoint, "needs at least one user")
    try:
        allowed = (await calls.account_privileges(client, account_id)).get("apiToken.delete")
    except Forbidden:
        return Capability("revoke tokens", NO, endpoint, "needs a key without scopes: TOKENDESK_REVOKE_KEY")
    except TokendeskError as error:
        return Capability("revoke tokens", UNKNOWN, endpoint, str(error))
    return Capability("revoke tokens", YES if allowed else NO, endpoint)


def _expiring_keys(keys: list[Credential], now: int) -> str:
    """List the keys that expire soon: a key does not say which entry is its own."""
    soon = [
        f"{key.name or 'a key'} on {day(moment)}"
        for key in keys
        if (moment := parse_timestamp(key.expires_at)) is not None
        and now <= moment < now + _EXPIRY_WARNING
        and (key.status or "").upper() != "REVOKED"
    ]
    return f"expiring within 30 days: {', '.join(soon)}" if soon else ""

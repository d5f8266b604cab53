"""Asking where users are now: before a batch, after a run, and to settle one that broke off."""

from collections.abc import Mapping

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.problems import BadRequest
from tokendesk.model.records import Membership

_AT_ONCE = 50
"""How many ids one request asks about (api handbook 7.3); fewer where the server does not take as many."""
Accounts = Mapping[str, str | None]


class Whereabouts:
    def __init__(self, client: Client, org_id: str) -> None:
        self._client = client
        self._org_id = org_id
        self._most = _AT_ONCE

    async def of(self, accounts: Accounts) -> dict[str, Membership]:
        """Return the policy of each account (id -> e-mail) as it is now; who is not told is missing."""
        found: dict[str, Membership] = {}
        waiting = list(accounts.items())
        while waiting:
            part, waiting = waiting[: self._most], waiting[self._most :]
            found.update(await self._ask(dict(part)))
        return found

    async def _ask(self, accounts: Accounts) -> dict[str, Membership]:
        try:
            told = await calls.memberships(self._client, self._org_id, accounts)
        except BadRequest as error:
            if error.status not in (400, 413):
                raise
            if len(accounts) == 1:
                return {}  # this one cannot be asked about
            items = list(accounts.items())
            half = (len(items) + 1) // 2
            self._most = min(self._most, half)
            return {**await self._ask(dict(items[:half])), **await self._ask(dict(items[half:]))}
        return {membership.account_id: membership for membership in told if membership.policy_id is not None}

"""Asking where users are now: before a batch, after a run, and to settle one that broke off."""

from collections.abc import Mapping

from tokendesk.api.client import Client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.model.records import Membership

Accounts = Mapping[str, str | None]


class Whereabouts:
    def __init__(self, client: Client, org_id: str, batch: int | None = None) -> None:
        self._lookup = PolicyLookup(client, org_id, batch)

    async def of(self, accounts: Accounts, told: dict[str, Membership] | None = None) -> dict[str, Membership]:
        """Return where each account (id -> e-mail) is now; who could not be told has no policy and says why.

        `told` is filled with the same, also where the asking breaks off on the way.
        """
        told = {} if told is None else told
        found: list[Membership] = []
        try:
            await self._lookup.fetch(dict(accounts), found)
        finally:
            told |= {membership.account_id: membership for membership in found}
        return told

"""Looks up the current policies of users: before a batch, after a run, and to settle an interrupted one."""

from collections.abc import Mapping

from tokendesk.api.client import Client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.model.records import Membership

Accounts = Mapping[str, str | None]


class MembershipLookup:
    def __init__(self, client: Client, org_id: str, batch: int | None = None) -> None:
        self._lookup = PolicyLookup(client, org_id, batch)

    async def fetch(self, accounts: Accounts, into: dict[str, Membership] | None = None) -> dict[str, Membership]:
        """Return the membership of each account (id -> e-mail); one without a policy has the reason.

        `into` is filled with the same, also if the lookup fails on the way.
        """
        into = {} if into is None else into
        found: list[Membership] = []
        try:
            await self._lookup.fetch(dict(accounts), found)
        finally:
            into |= {membership.account_id: membership for membership in found}
        return into

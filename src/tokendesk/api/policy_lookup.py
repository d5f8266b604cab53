"""Asking which policy users are in, by as many at once as the server takes, down to one by one."""

from collections import Counter

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.problems import BadRequest, NotThere, ServerError
from tokendesk.errors import ApiFailed
from tokendesk.model.records import Membership

BATCH = 50
"""How many ids one request asks about (api handbook 7.3: the most is not documented)."""
MOST_FAILURES = 10
"""After so many failures in a row of questions about a single account, no further one is asked."""
NOT_NAMED = "Atlassian did not name a policy"
_FEWER = (400, 404, 413, 500)
"""One account that is unknown may answer 404, too many at once 500."""
_NAMES_SHOWN = 20
_REASONS_KEPT = 100

Accounts = dict[str, str | None]
"""account id -> e-mail address, as far as it is known"""


class GivenUp(ApiFailed):
    """Too many questions about a single account failed in a row."""


class PolicyLookup:
    """Remembers the size of batch that works, and what it met. Several tasks may ask at once."""

    def __init__(self, client: Client, org_id: str, batch: int = BATCH) -> None:
        self._client = client
        self._org_id = org_id
        self.batch = max(1, min(batch, BATCH))
        self._in_a_row = 0
        self._asked = 0
        self._told = 0
        self._elements = 0
        self._unread: set[str] = set()
        self._reasons: Counter[str] = Counter()

    async def ask(self, accounts: Accounts, into: list[Membership]) -> None:
        """Add one membership for each account to `into`; one without a policy says why it has none.

        Raises GivenUp, KeyRefused and ApiFailed; what was told until then is in `into`.
        """
        self._asked += len(accounts)
        await self._in_parts(accounts, self.batch, into)

    @property
    def problem(self) -> str | None:
        """Say why no policy is known at all; None where any was told, or nobody was asked about."""
        if self._told or not self._asked:
            return None
        if self._unread:
            names = sorted(self._unread)
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            if self._elements == 1:
                came, whose = "an answer came, and no policy id could be read in it", "Its"
            else:
                came = f"{self._elements:,} answers came, and no policy id could be read in any of them"
                whose = "Their"
            members = f"{whose} members: {', '.join(names[:_NAMES_SHOWN])}{more}"
            return f"Policies of users: {came}. {members}. Please report these names."
        users = "the only user" if self._asked == 1 else f"any of the {self._asked:,} users"
        return f"Policies of users: none was told for {users} asked about ({self.reason or NOT_NAMED})."

    @property
    def reason(self) -> str | None:
        """Return the most frequent reason why a user's policy could not be told."""
        return self._reasons.most_common(1)[0][0] if self._reasons else None

    async def _in_parts(self, accounts: Accounts, size: int, into: list[Membership]) -> bool:
        """Ask about a few at a time; return whether no question about a single account failed."""
        waiting, whole = list(accounts.items()), True
        while waiting:
            size = min(size, self.batch)
            part, waiting = waiting[:size], waiting[size:]
            whole &= await self._once(dict(part), into)
        return whole

    async def _once(self, accounts: Accounts, into: list[Membership]) -> bool:
        try:
            answer = await calls.memberships(self._client, self._org_id, accounts)
        except (BadRequest, NotThere, ServerError) as error:
            if error.status not in _FEWER:
                raise
            if len(accounts) == 1:
                self._failed(next(iter(accounts)), error, into)
                return False
            half = (len(accounts) + 1) // 2
            whole = await self._in_parts(accounts, half, into)
            if whole:  # it was their number: where one account is the cause, as many as before may be asked about
                self.batch = min(self.batch, half)
            return whole
        self._in_a_row = 0
        self._elements += answer.elements
        self._told += answer.told
        self._unread |= answer.unread
        named = {membership.account_id for membership in answer.memberships}
        for membership in answer.memberships:
            self._take(membership, into)
        missing = {account_id: email for account_id, email in accounts.items() if account_id not in named}
        if answer.unassigned and len(accounts) > 1:
            for account_id, email in missing.items():
                await self._once({account_id: email}, into)
        else:
            for account_id in missing:
                self._take(Membership(account_id, None), into)
        return True

    def _take(self, membership: Membership, into: list[Membership]) -> None:
        if membership.policy_id is None:
            reason = membership.problem or NOT_NAMED
            membership = Membership(membership.account_id, None, None, membership.email, reason)
            if reason in self._reasons or len(self._reasons) < _REASONS_KEPT:  # each user may have words of its own
                self._reasons[reason] += 1
        into.append(membership)

    def _failed(self, account_id: str, error: BadRequest | NotThere | ServerError, into: list[Membership]) -> None:
        self._take(Membership(account_id, None, problem=f"Atlassian answered {error.status} for this user"), into)
        self._in_a_row += 1
        if self._in_a_row >= MOST_FAILURES:
            self._in_a_row = 0
            said = f" ({error.said})" if error.said else ""
            raise GivenUp(
                f"Policies of users: Atlassian answered {error.status}{said} for {MOST_FAILURES} users in a row, "
                "so no more were asked about. Pull again later."
            )

"""Asking which policy users are in, by as many at once as the server takes: up to hundreds, down to one by one."""

from collections import Counter

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.problems import BadRequest, NotThere, ServerError
from tokendesk.errors import ApiFailed
from tokendesk.model.records import Membership

BATCH = 100
"""How many ids the first request asks about (api handbook 7.3: the most is not documented)."""
LARGER = (200, 500)
"""How many the next ones ask about, where a server has taken as many as were sent."""
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

    def __init__(self, client: Client, org_id: str, batch: int | None = None) -> None:
        """`batch`: the size that was found to work earlier; without one it is found out."""
        self._client = client
        self._org_id = org_id
        self.batch = BATCH if batch is None else max(1, min(batch, LARGER[-1]))
        self._most = LARGER[-1] if batch is None else self.batch
        self._answered_whole = BATCH
        """Up to this size an answer is known to be about all that were asked for."""
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
        await self._in_parts(accounts, LARGER[-1], into)

    @property
    def found_batch(self) -> int | None:
        """The largest size that the server takes; None where it was not found out."""
        return self.batch if self.batch == self._most else None

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
        """Ask about `size` at a time at most; return whether no question about a single account failed."""
        waiting, whole = list(accounts.items()), True
        while waiting:
            now = min(size, self.batch)
            part, waiting = waiting[:now], waiting[now:]
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
            fewer = _fewer(len(accounts))
            whole = await self._in_parts(accounts, fewer, into)
            # Where one account is the cause, as many may be asked about again; but what is too large is tried once.
            if whole or len(accounts) > BATCH:
                self._limit(fewer)
            return whole
        self._in_a_row = 0
        if len(accounts) == self.batch < self._most:
            self.batch = next(size for size in LARGER if size > self.batch)
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
        elif missing and len(accounts) > self._answered_whole:
            await self._ask_again(missing, len(accounts), into)
        else:
            for account_id in missing:
                self._take(Membership(account_id, None), into)
        return True

    async def _ask_again(self, missing: Accounts, size: int, into: list[Membership]) -> None:
        """Ask about those whom an answer left out: a server may answer about the first hundred instead of refusing."""
        found: list[Membership] = []
        try:
            await self._in_parts(missing, BATCH, found)
        finally:
            into += found
        if any(membership.policy_id for membership in found):
            self._limit(BATCH)
        else:
            self._answered_whole = max(self._answered_whole, size)

    def _limit(self, size: int) -> None:
        self.batch = min(self.batch, size)
        self._most = min(self._most, self.batch)

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


def _fewer(size: int) -> int:
    """Return how many to ask about where `size` were refused."""
    return max((each for each in (BATCH, *LARGER) if each < size), default=(size + 1) // 2)

"""Looks up the policies of users, in batches as large as the server accepts, down to single users."""

from collections import Counter
from collections.abc import Mapping

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, NotFound, ServerError
from tokendesk.errors import ApiError
from tokendesk.model.records import Membership

BATCH = 100
"""Ids in the first request (api handbook 7.3: the maximum is not documented)."""
LARGER = (200, 500)
"""Ids in the next requests, once the server accepted a full one."""
MAX_FAILURES = 10
"""Failed requests about a single account, in a row, after which the lookup stops."""
NOT_NAMED = "Atlassian did not name a policy"
_RETRY_WITH_FEWER = (400, 404, 413, 500)
"""One unknown account may return 404, too large a batch 500."""
_MAX_NAMES = 20
_MAX_REASONS = 100

Accounts = dict[str, str | None]
"""account id -> e-mail address, as far as it is known"""


class TooManyFailures(ApiError):
    """Too many requests about a single account failed in a row."""


class PolicyLookup:
    """Remembers the batch size that works, and the failures. Several tasks may use it at once."""

    def __init__(self, client: Client, org_id: str, batch: int | None = None) -> None:
        """`batch`: the size that worked last time; None to find it."""
        self._client = client
        self._org_id = org_id
        self.batch = BATCH if batch is None else max(1, min(batch, LARGER[-1]))
        self._most = LARGER[-1] if batch is None else self.batch
        self._accepted = 0
        self._answered_whole = BATCH
        """The largest batch known to be answered in full."""
        self._failures_in_a_row = 0
        self._asked = 0
        self._with_policy = 0
        self._elements = 0
        self._unread_fields: set[str] = set()
        self._reasons: Counter[str] = Counter()

    async def fetch(self, accounts: Accounts, into: list[Membership]) -> None:
        """Add one membership for each account to `into`; one without a policy has the reason.

        Raises TooManyFailures, KeyRefused and ApiFailed; `into` then has what was fetched before.
        """
        self._asked += len(accounts)
        await self._fetch_in_batches(accounts, LARGER[-1], into)

    def remember(self, asked: int, known: int, reasons: Mapping[str, int]) -> None:
        """Count what an earlier lookup found. `reasons`: why some are unknown."""
        self._asked += asked
        self._with_policy += known
        self._reasons.update(reasons)

    @property
    def found_batch(self) -> int | None:
        """The largest batch that the server accepts; None while it is unknown."""
        return self.batch if self.batch == self._most <= self._accepted else None

    @property
    def problem(self) -> str | None:
        """Say why no policy is known at all; None if any is known, or nothing was fetched."""
        if self._with_policy or not self._asked:
            return None
        if self._unread_fields:
            names = sorted(self._unread_fields)
            more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
            if self._elements == 1:
                came, whose = "one user was returned, without a readable policy id", "Its"
            else:
                came = f"{self._elements:,} users were returned, none with a readable policy id"
                whose = "Their"
            members = f"{whose} members: {', '.join(names[:_MAX_NAMES])}{more}"
            return f"Policies of users: {came}. {members}. Please report these names."
        users = "the only user" if self._asked == 1 else f"any of {self._asked:,} users"
        return f"Policies of users: Atlassian returned none for {users} ({self.reason or NOT_NAMED})."

    @property
    def reason(self) -> str | None:
        """Return the most frequent reason why a user's policy is unknown."""
        return self._reasons.most_common(1)[0][0] if self._reasons else None

    async def _fetch_in_batches(self, accounts: Accounts, size: int, into: list[Membership]) -> bool:
        """Fetch in batches of at most `size`; return whether no request about a single account failed."""
        waiting, whole = list(accounts.items()), True
        while waiting:
            now = min(size, self.batch)
            part, waiting = waiting[:now], waiting[now:]
            whole &= await self._fetch_batch(dict(part), into)
        return whole

    async def _fetch_batch(self, accounts: Accounts, into: list[Membership]) -> bool:
        try:
            answer = await calls.memberships(self._client, self._org_id, accounts)
        except (BadRequest, NotFound, ServerError) as error:
            if error.status not in _RETRY_WITH_FEWER:
                raise
            if len(accounts) == 1:
                self._add_failure(next(iter(accounts)), error, into)
                return False
            fewer = _fewer(len(accounts))
            whole = await self._fetch_in_batches(accounts, fewer, into)
            # If one account was the cause, the batch size can stay; but a size above the first is tried only once.
            if whole or len(accounts) > BATCH:
                self._limit(fewer)
            return whole
        self._failures_in_a_row = 0
        self._accepted = max(self._accepted, len(accounts))
        if len(accounts) == self.batch < self._most:
            self.batch = next(size for size in LARGER if size > self.batch)
        self._elements += answer.elements
        self._with_policy += answer.with_policy
        self._unread_fields |= answer.unread_fields
        named = {membership.account_id for membership in answer.memberships}
        for membership in answer.memberships:
            self._add(membership, into)
        missing = {account_id: email for account_id, email in accounts.items() if account_id not in named}
        if answer.unassigned and len(accounts) > 1:
            for account_id, email in missing.items():
                await self._fetch_batch({account_id: email}, into)
        elif missing and len(accounts) > self._answered_whole:
            await self._fetch_again(missing, len(accounts), into)
        else:
            for account_id in missing:
                self._add(Membership(account_id, None), into)
        return True

    async def _fetch_again(self, missing: Accounts, size: int, into: list[Membership]) -> None:
        """Fetch accounts that an answer left out: a server may truncate a large batch instead of refusing it."""
        found: list[Membership] = []
        try:
            await self._fetch_in_batches(missing, BATCH, found)
        finally:
            into += found
        if any(membership.policy_id for membership in found):
            self._limit(BATCH)
        else:
            self._answered_whole = max(self._answered_whole, size)

    def _limit(self, size: int) -> None:
        self.batch = min(self.batch, size)
        self._most = min(self._most, self.batch)

    def _add(self, membership: Membership, into: list[Membership]) -> None:
        if membership.policy_id is None:
            reason = membership.problem or NOT_NAMED
            membership = Membership(membership.account_id, None, None, membership.email, reason)
            if reason in self._reasons or len(self._reasons) < _MAX_REASONS:  # each user may have a reason of its own
                self._reasons[reason] += 1
        into.append(membership)

    def _add_failure(self, account_id: str, error: BadRequest | NotFound | ServerError, into: list[Membership]) -> None:
        self._add(Membership(account_id, None, problem=f"Atlassian returned HTTP {error.status} for this user"), into)
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MAX_FAILURES:
            self._failures_in_a_row = 0
            said = f" ({error.said})" if error.said else ""
            raise TooManyFailures(
                f"Policies of users: Atlassian returned HTTP {error.status}{said} for {MAX_FAILURES} users in a row, "
                "so the lookup stopped. Pull again later."
            )


def _fewer(size: int) -> int:
    """Return the batch size to try after `size` was refused."""
    return max((each for each in (BATCH, *LARGER) if each < size), default=(size + 1) // 2)

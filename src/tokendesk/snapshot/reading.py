"""Reads tokens, users, and each user's policy into a work file, several lists at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan, ServerError
from tokendesk.api.paging import one_ahead
from tokendesk.api.policy_lookup import Accounts, PolicyLookup, TooManyFailures
from tokendesk.api.token_list import TokenList
from tokendesk.background import to_its_end
from tokendesk.errors import ApiError, KeyRefused
from tokendesk.model.records import Membership, User
from tokendesk.snapshot.credential_reading import read_credentials
from tokendesk.snapshot.owners import find_owners, first_error
from tokendesk.snapshot.progress import Progress, PullProgress
from tokendesk.snapshot.work_file import UsersPlace, WorkFile

Answer = TypeVar("Answer")

_POLICY_TASKS = 3


class Reading:
    """Call `read_totals`, then `read`, and `close` in any case."""

    def __init__(
        self, client: Client, lookup: PolicyLookup, tokens: TokenList, org_id: str, work: WorkFile,
        report: Callable[[Progress], None], clock: Callable[[], datetime],
        on_owners: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        """`on_owners`: called once tokens, owners and their policies have arrived, if other users are still missing."""
        self._client = client
        self._lookup = lookup
        self._tokens = tokens
        self._org_id = org_id
        self._work = work
        self._report = report
        self._clock = clock
        self._on_owners = on_owners
        self._writer = ThreadPoolExecutor(1, "snapshot-writer")
        self._progress = PullProgress(lambda: client.answers)
        self._known: set[str] = set()
        """Users whose policy was asked for, or will be."""
        self._waiting: Accounts = {}
        """Users whose policy was not asked for yet."""
        self._owners_first: Accounts = {}
        """Such users who come before all others."""
        self._asking: set[str] = set()
        self._all_users_read = False
        self._more_waiting = asyncio.Condition()
        self._policies_error: str | None = None
        self._tokens_read = asyncio.Event()
        self.credentials_read_at: str | None = None
        """When the lists of credentials were asked for; None until they have been read."""

    @property
    def counted_tokens(self) -> int | None:
        """The token count that Atlassian reports."""
        return self._progress.total("tokens")

    @property
    def counted_users(self) -> int | None:
        """The user count that Atlassian reports."""
        return self._progress.total("users")

    @property
    def policies_problem(self) -> str | None:
        """Why policies of users are unknown or incomplete."""
        return self._policies_error or self._lookup.problem

    async def read_totals(self) -> str | None:
        """Read the totals; return the organization's name, if the key may read it."""
        organization, tokens, users = await asyncio.gather(
            calls.organization(self._client, self._org_id),
            calls.count_tokens(self._client, self._org_id),
            calls.count_users(self._client, self._org_id),
            return_exceptions=True,
        )
        # The organization's record needs a scope of its own.
        name = None if isinstance(organization, Forbidden) else _result(organization).name
        self._progress.expect("tokens", _result(tokens), lambda: self._tokens.page_size)
        self._progress.expect("users", _result(users), lambda: calls.PAGE_SIZE)
        self._progress.expect("policies", _result(users), lambda: self._lookup.batch)
        if self.counted_users is not None:
            await self.write(self._work.keep, {"users_total": str(self.counted_users)})
        return name

    async def read(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_tokens())
                group.create_task(self._read_credentials())
                group.create_task(self._read_users())
                for _ in range(_POLICY_TASKS):
                    group.create_task(self._read_policies())
        except BaseExceptionGroup as failures:
            raise first_error(failures) from None

    async def close(self) -> None:
        """Wait for what is being written."""
        await to_its_end(self._writer.shutdown)

    async def write(self, write: Callable[..., Answer], *arguments: Any) -> Answer:
        """Run `write` away from the event loop, and after what was to be written before."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, write, *arguments)

    def _count(self, what: str, more: int) -> None:
        self._report(self._progress.add(what, more))

    async def _read_tokens(self) -> None:
        owners: Accounts = {}
        async with aclosing(one_ahead(self._tokens.pages(self.counted_tokens))) as pages:
            async for page in pages:
                await self.write(self._work.add_tokens, page)
                owners |= {token.owner_id: token.owner_email for token in page if token.owner_id}
                self._count("tokens", len(page))
        self._tokens_read.set()
        if self._on_owners is not None and owners and await self._read_owners(owners):
            await self._on_owners()

    async def _read_credentials(self) -> None:
        """Read the other credentials once the tokens have been read: these requests count against the same limits."""
        await self._tokens_read.wait()
        asked = (await self.write(self._work.state)).get("credentials_asked_at") or self._clock().isoformat()
        await self.write(self._work.keep, {"credentials_asked_at": asked})
        await read_credentials(self._client, self._org_id, self._work, self.write, asked)
        self.credentials_read_at = asked

    async def _read_owners(self, owners: Accounts) -> bool:
        """Read the owners of tokens before the other users; return False if those come sooner, or it is impossible."""
        try:
            found = await find_owners(self._client, self._org_id, [each for each in owners if each not in self._known])
        except KeyRefused:
            raise
        except ApiError:  # the list of all users goes on
            return False
        async with self._more_waiting:
            if self._all_users_read:
                return False
            new = {user.account_id: user.email for user in found if user.account_id not in self._known}
            self._known |= new.keys()
            first = new | {each: self._waiting.pop(each) for each in owners if each in self._waiting}
            self._count("users", await self.write(self._work.add_users, found))
            self._owners_first |= first
            self._more_waiting.notify_all()
            open_ones = [each for each in owners if each in self._known]
            await self._more_waiting.wait_for(
                lambda: not any(each in self._owners_first or each in self._asking for each in open_ones)
            )
        return bool(open_ones)

    async def _read_users(self) -> None:
        asked = await self.write(self._work.asked)
        kept = await self.write(self._work.not_asked)
        self._known |= asked
        if asked or kept:
            self._report(self._progress.kept("users", await self.write(self._work.count, "arrived_user")))
            self._report(self._progress.kept("policies", len(asked)))
        await self._queue(kept)
        async with aclosing(one_ahead(self._user_pages())) as pages:
            async for page, place in pages:
                self._count("users", await self.write(self._work.add_users, page, place))
                await self._queue({user.account_id: user.email for user in page})
        await self._queue({}, last=True)

    async def _user_pages(self) -> AsyncGenerator[tuple[list[User], UsersPlace], None]:
        """Yield users from where an earlier pull stopped, or from the beginning if the server refuses that."""
        place = await self.write(lambda: self._work.users_place)
        if place is not None:
            if place.cursor is None:
                return
            begun = False
            try:
                async for page, after in self._list(place):
                    if not begun and not page and after.cursor is None:
                        break  # an old cursor may lead to an empty list
                    begun = True
                    yield page, after
            except (NotFound, NotInPlan, BadRequest, ServerError):
                if begun:
                    raise
            if begun:
                return
            forgotten = await self.write(self._work.count, "arrived_user")
            await self.write(self._work.forget_users)
            self._report(self._progress.kept("users", -forgotten))
        begun = False
        try:
            async for found in self._list(UsersPlace(of_search=True, cursor=None)):
                begun = True
                yield found
            return
        except (NotFound, NotInPlan, BadRequest):
            if begun:
                raise
        # The search is not available.
        async for found in self._list(UsersPlace(of_search=False, cursor=None)):
            yield found

    async def _list(self, place: UsersPlace) -> AsyncGenerator[tuple[list[User], UsersPlace], None]:
        """Yield pages from a place on, each with the place after it."""
        pages = calls.users if place.of_search else calls.users_v1
        async for page in pages(self._client, self._org_id, place.cursor):
            yield page.users, UsersPlace(place.of_search, page.following)

    async def _queue(self, accounts: Accounts, *, last: bool = False) -> None:
        async with self._more_waiting:
            self._waiting |= {each: email for each, email in accounts.items() if each not in self._known}
            self._known |= accounts.keys()
            self._all_users_read |= last
            self._more_waiting.notify_all()

    async def _next_accounts(self) -> Accounts:
        """Return as many users as one request may name; none at the end."""
        async with self._more_waiting:
            await self._more_waiting.wait_for(
                lambda: self._owners_first or self._all_users_read or len(self._waiting) >= self._lookup.batch
            )
            source = self._owners_first or self._waiting
            taken = {each: source.pop(each) for each in list(islice(source, self._lookup.batch))}
            self._asking |= taken.keys()
            return taken

    async def _read_policies(self) -> None:
        while accounts := await self._next_accounts():
            if self._policies_error is None:
                found: list[Membership] = []
                asked = self._clock()
                try:
                    await self._lookup.fetch(accounts, found)
                except (Forbidden, NotInPlan, TooManyFailures) as error:
                    self._policies_error = str(error)
                    self._report(self._progress.give_up("policies"))
                finally:
                    if found:
                        await self.write(self._work.add_memberships, found, asked)
                if self._policies_error is None:
                    self._count("policies", len(accounts))
            async with self._more_waiting:
                self._asking.difference_update(accounts)
                self._more_waiting.notify_all()


def _result(answer: Answer | BaseException) -> Answer:
    if isinstance(answer, BaseException):
        raise answer
    return answer

"""Pulls a complete copy of the organization, or nothing: tokens, users, and each user's policy."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan, ServerError
from tokendesk.api.paging import one_ahead
from tokendesk.api.policy_lookup import Accounts, PolicyLookup, TooManyFailures
from tokendesk.api.token_list import TokenList
from tokendesk.errors import ApiError, Refused
from tokendesk.model.records import Membership, User
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.file import OutdatedSnapshot, SnapshotInfo, snapshot_info
from tokendesk.snapshot.work_file import UsersPlace, WorkFile, new_work_file

Answer = TypeVar("Answer")

_POLICY_TASKS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` of `what` have been read; `total` is None if unknown."""

    what: str
    done: int
    total: int | None


class _Pull:
    def __init__(
        self, client: Client, lookup: PolicyLookup, tokens: TokenList, org_id: str, work: WorkFile,
        report: Callable[[Progress], None], clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._client = client
        self._lookup = lookup
        self._tokens = tokens
        self._org_id = org_id
        self._work = work
        self._report = report
        self._clock = clock
        self._writer = ThreadPoolExecutor(1, "snapshot-writer")
        self._totals: dict[str, int | None] = {}
        self._done: dict[str, int] = {}
        self._waiting: Accounts = {}
        """Users whose policy was not asked for yet."""
        self._all_users_read = False
        self._more_waiting = asyncio.Condition()
        self._policies_error: str | None = None

    @property
    def counted_tokens(self) -> int | None:
        """The token count that Atlassian reports."""
        return self._totals.get("tokens")

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
        self._totals["tokens"] = _result(tokens)
        self._totals["users"] = self._totals["policies"] = _result(users)
        if self._totals["users"] is not None:
            await self._write(self._work.keep, {"users_total": str(self._totals["users"])})
        return name

    async def read(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_tokens())
                group.create_task(self._read_users())
                for _ in range(_POLICY_TASKS):
                    group.create_task(self._read_policies())
        except BaseExceptionGroup as failures:
            raise _first(failures) from None

    def close(self) -> None:
        """Wait for what is being written."""
        self._writer.shutdown()

    async def _write(self, write: Callable[..., Answer], *arguments: Any) -> Answer:
        # SQLite away from the event loop, so that the screen keeps painting; one thread, so pages never interleave.
        return await asyncio.get_running_loop().run_in_executor(self._writer, write, *arguments)

    def _count(self, what: str, more: int) -> None:
        self._done[what] = self._done.get(what, 0) + more
        self._report(Progress(what, self._done[what], self._totals.get(what)))

    async def _read_tokens(self) -> None:
        async with aclosing(one_ahead(self._tokens.pages(self.counted_tokens))) as pages:
            async for page in pages:
                await self._write(self._work.add_tokens, page)
                self._count("tokens", len(page))

    async def _read_users(self) -> None:
        queued = await self._write(self._work.asked)
        kept = await self._write(self._work.not_asked)
        queued |= kept.keys()
        if queued:
            self._count("users", await self._write(self._work.count, "arrived_user"))
            self._count("policies", len(queued) - len(kept))
        await self._queue(kept)
        async with aclosing(one_ahead(self._user_pages())) as pages:
            async for page, place in pages:
                await self._write(self._work.add_users, page, place)
                self._count("users", len(page))
                new = {user.account_id: user.email for user in page if user.account_id not in queued}
                queued |= new.keys()
                await self._queue(new)
        await self._queue({}, last=True)

    async def _user_pages(self) -> AsyncGenerator[tuple[list[User], UsersPlace], None]:
        """Yield users from where an earlier pull stopped, or from the beginning if the server refuses that."""
        place = await self._write(lambda: self._work.users_place)
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
            await self._write(self._work.forget_users)
            self._count("users", -self._done.get("users", 0))
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
            self._waiting |= accounts
            self._all_users_read |= last
            self._more_waiting.notify_all()

    async def _next_accounts(self) -> Accounts:
        """Return as many users as one request may name; none at the end."""
        async with self._more_waiting:
            await self._more_waiting.wait_for(lambda: self._all_users_read or len(self._waiting) >= self._lookup.batch)
            return {each: self._waiting.pop(each) for each in list(islice(self._waiting, self._lookup.batch))}

    async def _read_policies(self) -> None:
        while accounts := await self._next_accounts():
            if self._policies_error is None:
                found: list[Membership] = []
                asked = self._clock()
                try:
                    await self._lookup.fetch(accounts, found)
                except (Forbidden, NotInPlan, TooManyFailures) as error:
                    self._policies_error = str(error)
                finally:
                    if found:
                        await self._write(self._work.add_memberships, found, asked)
                self._count("policies", len(accounts))


def _result(answer: Answer | BaseException) -> Answer:
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _ignore_progress(_: Progress) -> None:
    pass


async def pull(
    client: Client,
    org_id: str,
    target: Path,
    *,
    report: Callable[[Progress], None] = _ignore_progress,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    before_replace: Callable[[Path, str, int], None] = lambda new, pull_id, at: None,
    lookup: PolicyLookup | None = None,
    tokens: TokenList | None = None,
    work: WorkFile | None = None,
) -> SnapshotInfo:
    """Pull everything and replace the snapshot at `target`.

    `before_replace` gets the new, checked file, the id of its pull and its time, while the old one is still in
    place. `lookup` asks for policies, `tokens` for tokens; the sizes that work are in them afterwards. `work`: what
    arrived is kept there until the pull is complete; what is there already is not read again, except tokens.

    Raises KeyRefused, ApiFailed, UsageError or Refused, and leaves the old snapshot as it was. If policies
    cannot be read, the snapshot is complete except for them and says so.
    """
    if await asyncio.to_thread(target.exists):
        refuse_other_organization(target, org_id)
    if work is None:
        with new_work_file(target) as own:
            await _pull(client, org_id, target, own, report, clock, before_replace, lookup, tokens)
    else:
        await _pull(client, org_id, target, work, report, clock, before_replace, lookup, tokens)
    return snapshot_info(target)


async def _pull(
    client: Client, org_id: str, target: Path, work: WorkFile, report: Callable[[Progress], None],
    clock: Callable[[], datetime], before_replace: Callable[[Path, str, int], None], lookup: PolicyLookup | None,
    tokens: TokenList | None,
) -> None:  # fmt: skip
    started = clock()
    first = work.state().get("started_at")
    lookup = lookup or PolicyLookup(client, org_id)
    is_continued = work.users_place is not None
    lookup.remember(*work.kept_policies())
    tokens = tokens or TokenList(client, org_id)
    reading = _Pull(client, lookup, tokens, org_id, work, report, clock)
    try:
        name = await reading.read_totals()
        await reading.read()
    finally:
        reading.close()
    pull_id, pulled_at = uuid.uuid4().hex, clock()
    meta: Mapping[str, str | None] = {
        "pull_id": pull_id,
        "org_id": org_id,
        "org_name": name,
        "api_url": client.base_url,
        "started_at": first or started.isoformat(),
        "tokens_read_at": started.isoformat(),
        "pulled_at": pulled_at.isoformat(),
        "oldest_at": first if is_continued else None,
        "policies_problem": reading.policies_problem,
        "policies_unknown_why": lookup.reason,
    }
    if reading.counted_tokens and not work.count("arrived_token"):
        raise ApiError(
            f"Atlassian counts {reading.counted_tokens:,} tokens and lists none. "
            "The old snapshot is kept; try again later."
        )
    report(Progress("indexing", 0, None))
    second = int(pulled_at.timestamp())
    await asyncio.to_thread(finish_pull, target, work, meta, lambda new: before_replace(new, pull_id, second))


def finish_pull(
    target: Path, work: WorkFile, meta: Mapping[str, str | None], before_replace: Callable[[Path], None]
) -> None:
    """Build the snapshot of what arrived, and replace the one at `target`."""
    work.forget_policies_of_nobody()
    tokens, users = work.count("arrived_token"), work.count("arrived_user")
    if tokens and not users:
        work.forget_users()
        raise ApiError("Atlassian listed tokens but no user at all. The old snapshot is kept; try again later.")
    policies = work.count("(SELECT DISTINCT policy_id FROM membership WHERE policy_id IS NOT NULL)")
    untold = work.count(f"arrived_user WHERE account_id NOT IN ({_WITH_POLICY})")
    known = {name: value for name, value in meta.items() if value is not None}
    counts = {"tokens": tokens, "users": users, "policies": policies, "policies_unknown": untold}
    with SnapshotBuilder(target, work) as builder:
        builder.finish({**known, **{name: str(count) for name, count in counts.items()}}, before_replace)


_WITH_POLICY = "SELECT account_id FROM membership WHERE policy_id IS NOT NULL"


def refuse_other_organization(target: Path, org_id: str) -> None:
    """Raise Refused if the snapshot at `target` is of another organization."""
    try:
        there = snapshot_info(target).org_id
    except OutdatedSnapshot:
        return
    if there != org_id:
        raise Refused(
            f"This profile's snapshot is of organization {there}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

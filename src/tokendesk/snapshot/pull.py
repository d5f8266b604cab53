"""Pulls a complete copy of the organization, or nothing: tokens, users, and each user's policy."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan
from tokendesk.api.paging import one_ahead
from tokendesk.api.policy_lookup import Accounts, PolicyLookup, TooManyFailures
from tokendesk.api.token_list import TokenList
from tokendesk.errors import ApiError, Refused
from tokendesk.model.records import Membership, User
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.file import OutdatedSnapshot, SnapshotInfo, snapshot_info

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
        self, client: Client, lookup: PolicyLookup, tokens: TokenList, org_id: str, builder: SnapshotBuilder,
        report: Callable[[Progress], None],
    ) -> None:  # fmt: skip
        self._client = client
        self._lookup = lookup
        self._tokens = tokens
        self._org_id = org_id
        self._builder = builder
        self._report = report
        self._writer = ThreadPoolExecutor(1, "snapshot-writer")
        self._totals: dict[str, int | None] = {}
        self._done: dict[str, int] = {}
        self._policy_queue: asyncio.Queue[Accounts | None] = asyncio.Queue()
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
        finally:
            self._writer.shutdown()

    async def _write(self, write: Callable[[Any], None], records: Any) -> None:
        # SQLite away from the event loop, so that the screen keeps painting; one thread, so pages never interleave.
        await asyncio.get_running_loop().run_in_executor(self._writer, write, records)

    def _count(self, what: str, more: int) -> None:
        self._done[what] = self._done.get(what, 0) + more
        self._report(Progress(what, self._done[what], self._totals.get(what)))

    async def _read_tokens(self) -> None:
        async with aclosing(one_ahead(self._tokens.pages(self.counted_tokens))) as pages:
            async for page in pages:
                await self._write(self._builder.add_tokens, page)
                self._count("tokens", len(page))

    async def _read_users(self) -> None:
        seen: set[str] = set()
        waiting: Accounts = {}
        async with aclosing(one_ahead(self._user_pages())) as pages:
            async for page in pages:
                await self._write(self._builder.add_users, page)
                self._count("users", len(page))
                for user in page:
                    if user.account_id not in seen:
                        seen.add(user.account_id)
                        waiting[user.account_id] = user.email
                    if len(waiting) >= self._lookup.batch:
                        self._policy_queue.put_nowait(waiting)
                        waiting = {}
        if waiting:
            self._policy_queue.put_nowait(waiting)
        for _ in range(_POLICY_TASKS):
            self._policy_queue.put_nowait(None)

    async def _user_pages(self) -> AsyncGenerator[list[User], None]:
        """Yield users from the search, or from the older list if the search is not available."""
        begun = False
        try:
            async for page in calls.users(self._client, self._org_id):
                begun = True
                yield page
            return
        except (NotFound, NotInPlan, BadRequest):
            if begun:
                raise
        async for page in calls.users_v1(self._client, self._org_id):
            yield page

    async def _read_policies(self) -> None:
        while (accounts := await self._policy_queue.get()) is not None:
            if self._policies_error is None:
                found: list[Membership] = []
                try:
                    await self._lookup.fetch(accounts, found)
                except (Forbidden, NotInPlan, TooManyFailures) as error:
                    self._policies_error = str(error)
                await self._write(self._builder.add_memberships, found)
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
) -> SnapshotInfo:
    """Pull everything and replace the snapshot at `target`.

    `before_replace` gets the new, checked file, the id of its pull and its time, while the old one is still in
    place. `lookup` asks for policies, `tokens` for tokens; the sizes that work are in them afterwards.

    Raises KeyRefused, ApiFailed, UsageError or Refused, and leaves the old snapshot as it was. If policies
    cannot be read, the snapshot is complete except for them and says so.
    """
    if await asyncio.to_thread(target.exists):
        _refuse_other_organization(target, org_id)
    started = clock()
    with SnapshotBuilder(target) as builder:
        lookup = lookup or PolicyLookup(client, org_id)
        tokens = tokens or TokenList(client, org_id)
        reading = _Pull(client, lookup, tokens, org_id, builder, report)
        name = await reading.read_totals()
        await reading.read()
        pull_id, pulled_at = uuid.uuid4().hex, clock()
        meta: Mapping[str, str | None] = {
            "pull_id": pull_id,
            "org_id": org_id,
            "org_name": name,
            "api_url": client.base_url,
            "started_at": started.isoformat(),
            "pulled_at": pulled_at.isoformat(),
            "policies_problem": reading.policies_problem,
            "policies_unknown_why": lookup.reason,
        }
        if reading.counted_tokens and not builder.count("arrived_token"):
            raise ApiError(
                f"Atlassian counts {reading.counted_tokens:,} tokens and lists none. "
                "The old snapshot is kept; try again later."
            )
        report(Progress("indexing", 0, None))
        second = int(pulled_at.timestamp())
        await asyncio.to_thread(_finish, builder, meta, lambda new: before_replace(new, pull_id, second))
    return snapshot_info(target)


def _finish(builder: SnapshotBuilder, meta: Mapping[str, str | None], before_replace: Callable[[Path], None]) -> None:
    tokens, users = builder.count("arrived_token"), builder.count("arrived_user")
    if tokens and not users:
        raise ApiError("Atlassian listed tokens but no user at all. The old snapshot is kept; try again later.")
    policies = builder.count("(SELECT DISTINCT policy_id FROM membership WHERE policy_id IS NOT NULL)")
    untold = builder.count(f"arrived_user WHERE account_id NOT IN ({_WITH_POLICY})")
    known = {name: value for name, value in meta.items() if value is not None}
    counts = {"tokens": tokens, "users": users, "policies": policies, "policies_unknown": untold}
    builder.finish({**known, **{name: str(count) for name, count in counts.items()}}, before_replace)


_WITH_POLICY = "SELECT account_id FROM membership WHERE policy_id IS NOT NULL"


def _refuse_other_organization(target: Path, org_id: str) -> None:
    try:
        there = snapshot_info(target).org_id
    except OutdatedSnapshot:
        return
    if there != org_id:
        raise Refused(
            f"This profile's snapshot is of organization {there}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

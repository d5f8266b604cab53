"""The one way from a plan to the network: safety rules, lock, settling what broke off, the run itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.errors import ApiFailed, BadAnswer, KeyRefused, Refused, TokendeskError
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import Access
from tokendesk.running.lock import one_run_at_a_time
from tokendesk.running.logs import write_log
from tokendesk.running.move import run_move
from tokendesk.running.permission import why_off
from tokendesk.running.recover import Unfinished, give_up, refuse_touched, set_aside, settle_run, unfinished
from tokendesk.running.revoke import run_revoke
from tokendesk.running.sizes import kept_sizes
from tokendesk.running.work import PATIENCE, RunProgress, Work
from tokendesk.snapshot.owned import owned_tokens


@dataclass(frozen=True, slots=True)
class Means:
    """How a run tells and waits. `cancelled` is asked between batches.

    `nothing_done` is told why a run changed nothing: the API could not be reached, or refused the key. `enough` is
    asked while users are looked for of whom it is not known whether they moved: whether to stop that, and the run with
    it. `patience`: for how many seconds they are looked for at most. `set_aside` is told of each earlier run that could
    not be settled, and why.
    """

    report: Callable[[RunProgress], None] = lambda progress: None
    waiting: Callable[[str, float], None] = lambda why, seconds: None
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    nothing_done: Callable[[TokendeskError], None] = lambda error: None
    enough: Callable[[], bool] = lambda: False
    patience: float = PATIENCE
    set_aside: Callable[[Unfinished, TokendeskError], None] = lambda run, error: None


async def apply_plan(settings: Settings, way: Access, plan: Plan, means: Means = Means()) -> str:
    """Carry out a plan; return the id of its run. Before it, what broke off earlier is settled.

    Raises Refused where a safety rule is against it, where an earlier run that could not be settled may have changed
    the same users, or another run holds the organization; KeyRefused or ApiFailed where the run broke off on the way:
    then it is settled at the next start.
    """
    if why := why_off(settings, way, plan):
        raise Refused(why)
    async with _working(settings, way, plan.kind, means) as work:
        await _settle(settings, way, work.desk, replace(means, report=_without_run(means.report)))
        refuse_touched(work.desk, {row.account_id for row in plan.doing})
        if plan.kind == MOVE:
            await run_move(work, plan, settings.batch)
        else:
            accounts = {row.account_id for row in plan.doing}
            owned = await asyncio.to_thread(owned_tokens, settings.places.snapshot, accounts)
            await run_revoke(work, plan, owned)
        return work.run_id


def _without_run(report: Callable[[RunProgress], None]) -> Callable[[RunProgress], None]:
    """Report what settles an earlier run in words only: its id, counts and rows are not those of the run asked for."""
    return lambda progress: report(RunProgress("", 0, 0, 0, 0, progress.words, search=progress.search))


async def settle_unfinished(settings: Settings, way: Access, means: Means = Means()) -> list[Unfinished]:
    """Settle this desk's runs that broke off, each for itself; return those that are. Nothing is asked where there
    are none. Raises KeyRefused or ApiFailed where the organization cannot be asked at all."""
    with Desk(settings.places.desk, author=settings.author) as desk:
        if not any(run.is_ours for run in unfinished(desk)):
            return []
    with one_run_at_a_time(way.api_url, way.org_id), _desk(settings, means) as desk:
        desk.belong_to(way.org_id)
        return await _settle(settings, way, desk, means)


async def _settle(settings: Settings, way: Access, desk: Desk, means: Means) -> list[Unfinished]:
    settled = []
    for run in unfinished(desk):
        if not run.is_ours:
            continue
        try:
            async with _client(settings, way, run.kind, desk, means) as work:
                await settle_run(work, run)
        except Exception as error:  # whatever was answered: one run must not keep the desk from all others
            if isinstance(error, KeyRefused | ApiFailed) and not await _is_answering(way, means):
                raise
            why = await asyncio.to_thread(set_aside, desk, run.run_id, error)
            means.set_aside(run, error if isinstance(error, TokendeskError) else BadAnswer(why))
        else:
            settled.append(run)
    return settled


async def _is_answering(way: Access, means: Means) -> bool:
    """Whether the organization answers with this key at all, so that it was about the one run that it did not."""
    try:
        async with open_client(way.api_url, way.key, waiting=means.waiting, sleep=means.sleep) as client:
            await calls.organization(client, way.org_id)
    except TokendeskError:
        return False
    return True


def give_up_run(settings: Settings, way: Access | None, run_id: str, why: str) -> None:
    """Let a person end a run of this desk that could not be settled. Raises Refused while a run is under way."""
    with Desk(settings.places.desk, author=settings.author) as desk:
        org_id = way.org_id if way else desk.org_id or settings.org_id or ""
        with one_run_at_a_time(way.api_url if way else settings.api_url, org_id):
            give_up(desk, run_id, why)


def _desk(settings: Settings, means: Means) -> Desk:
    return Desk(settings.places.desk, author=settings.author, clock=means.clock)


@asynccontextmanager
async def _working(settings: Settings, way: Access, kind: str, means: Means) -> AsyncIterator[Work]:
    write_log(settings.places.log)
    with one_run_at_a_time(way.api_url, way.org_id), _desk(settings, means) as desk:
        desk.belong_to(way.org_id)
        async with _client(settings, way, kind, desk, means) as work:
            yield work


@asynccontextmanager
async def _client(settings: Settings, way: Access, kind: str, desk: Desk, means: Means) -> AsyncIterator[Work]:
    key = (await asyncio.to_thread(way.revoking_key) if kind == REVOKE else None) or way.key
    async with open_client(way.api_url, key, waiting=means.waiting, sleep=means.sleep) as client:
        yield Work(
            desk, client, way.org_id, means.report, means.cancelled, means.sleep, means.clock,
            nothing_done=means.nothing_done, key_words=settings.key_label if key is way.key else None,
            asked_at_once=kept_sizes(settings.places, int(settings.now().timestamp())).policies,
            waiting=means.waiting, enough=means.enough, patience=means.patience,
        )  # fmt: skip

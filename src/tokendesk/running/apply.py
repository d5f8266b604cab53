"""The one way from a plan to the network: safety rules, lock, settling what broke off, the run itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tokendesk.api.client import connected
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.errors import Refused, TokendeskError
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import Access
from tokendesk.running.lock import one_run_at_a_time
from tokendesk.running.logs import write_log
from tokendesk.running.move import run_move
from tokendesk.running.permission import why_off
from tokendesk.running.recover import Unfinished, settle_run, unfinished
from tokendesk.running.revoke import run_revoke
from tokendesk.running.sizes import kept_batch
from tokendesk.running.work import RunProgress, Work
from tokendesk.snapshot.owned import owned_tokens


@dataclass(frozen=True, slots=True)
class Means:
    """How a run tells and waits. `cancelled` is asked between batches.

    `nothing_done` is told why a run changed nothing: the API could not be reached, or refused the key.
    """

    report: Callable[[RunProgress], None] = lambda progress: None
    waiting: Callable[[str, float], None] = lambda why, seconds: None
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    nothing_done: Callable[[TokendeskError], None] = lambda error: None


async def apply_plan(settings: Settings, way: Access, plan: Plan, means: Means = Means()) -> str:
    """Carry out a plan; return the id of its run. Before it, what broke off earlier is settled.

    Raises Refused where a safety rule is against it or another run holds the organization; KeyRefused or ApiFailed
    where the run broke off on the way: then it is settled at the next start.
    """
    if why := why_off(settings, way, plan):
        raise Refused(why)
    async with _working(settings, way, plan.kind, means) as work:
        await _settle(settings, way, work.desk, replace(means, report=_without_run(means.report)))
        if plan.kind == MOVE:
            await run_move(work, plan, settings.batch)
        else:
            accounts = {row.account_id for row in plan.doing}
            owned = await asyncio.to_thread(owned_tokens, settings.places.snapshot, accounts)
            await run_revoke(work, plan, owned)
        return work.run_id


def _without_run(report: Callable[[RunProgress], None]) -> Callable[[RunProgress], None]:
    """Report what settles an earlier run in words only: its id, counts and rows are not those of the run asked for."""
    return lambda progress: report(RunProgress("", 0, 0, 0, 0, progress.words))


async def settle_unfinished(settings: Settings, way: Access, means: Means = Means()) -> list[Unfinished]:
    """Settle this desk's runs that broke off; return them. Nothing is asked where there are none."""
    with Desk(settings.places.desk, author=settings.author) as desk:
        if not any(run.is_ours for run in unfinished(desk)):
            return []
    with one_run_at_a_time(way.api_url, way.org_id), _desk(settings, means) as desk:
        desk.belong_to(way.org_id)
        return await _settle(settings, way, desk, means)


async def _settle(settings: Settings, way: Access, desk: Desk, means: Means) -> list[Unfinished]:
    ours = [run for run in unfinished(desk) if run.is_ours]
    for run in ours:
        async with _client(settings, way, run.kind, desk, means) as work:
            await settle_run(work, run)
    return ours


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
    async with connected(way.api_url, key, waiting=means.waiting) as client:
        yield Work(
            desk, client, way.org_id, means.report, means.cancelled, means.sleep, means.clock,
            nothing_done=means.nothing_done, key_words=settings.key_label if key is way.key else None,
            asked_at_once=kept_batch(settings.places, int(settings.now().timestamp())),
        )  # fmt: skip

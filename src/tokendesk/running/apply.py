"""Applies plans: safety rules, lock, settling interrupted runs, the run itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.background import in_background, to_its_end
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.errors import ApiError, InvalidResponse, KeyRefused, Refused, TokendeskError
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import ApiAccess
from tokendesk.running.apply_permission import apply_blocked_by
from tokendesk.running.lock import run_lock
from tokendesk.running.logs import configure_logging
from tokendesk.running.move import run_move
from tokendesk.running.recover import UnfinishedRun, give_up, refuse_touched, set_aside, settle_run, unfinished_runs
from tokendesk.running.request_sizes import load_request_sizes
from tokendesk.running.revoke import run_revoke
from tokendesk.running.run_context import SEARCH_SECONDS, RunContext, RunProgress
from tokendesk.snapshot.owned import owned_tokens


@dataclass(frozen=True, slots=True)
class RunCallbacks:
    """Callbacks of a run. `cancelled` is checked between batches.

    `on_nothing_done` gets the reason why a run changed nothing: the API could not be reached, or refused the key.
    `stop_searching` is checked while the run searches for users whose move has an unknown outcome: True ends the search
    and the run. `search_seconds`: the longest time for that search. `on_set_aside` gets each earlier run that could not
    be settled, and why.
    """

    report: Callable[[RunProgress], None] = lambda progress: None
    on_wait: Callable[[str, float], None] = lambda why, seconds: None
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_nothing_done: Callable[[TokendeskError], None] = lambda error: None
    stop_searching: Callable[[], bool] = lambda: False
    search_seconds: float = SEARCH_SECONDS
    on_set_aside: Callable[[UnfinishedRun, TokendeskError], None] = lambda run, error: None


async def apply_plan(
    settings: Settings, access: ApiAccess, plan: Plan, callbacks: RunCallbacks = RunCallbacks()
) -> str:
    """Apply a plan; return the id of its run. Earlier interrupted runs are settled first.

    Raises Refused if a safety rule forbids it, if an earlier run that could not be settled may have changed the same
    users, or if another run holds the lock; KeyRefused or ApiFailed if the run is interrupted: it is settled later.
    """
    if why := apply_blocked_by(settings, access, plan):
        raise Refused(why)
    async with _open_run(settings, access, plan.kind, callbacks) as ctx:
        await _settle(settings, access, ctx.desk, replace(callbacks, report=_only_messages(callbacks.report)))
        refuse_touched(ctx.desk, {row.account_id for row in plan.rows_to_do})
        if plan.kind == MOVE:
            await run_move(ctx, plan, settings.batch)
        else:
            accounts = {row.account_id for row in plan.rows_to_do}
            owned = await asyncio.to_thread(owned_tokens, settings.paths.snapshot, accounts)
            await run_revoke(ctx, plan, owned)
        return ctx.run_id


def _only_messages(report: Callable[[RunProgress], None]) -> Callable[[RunProgress], None]:
    """Report only the messages of settling an earlier run: its id, counts and rows are not those of this run."""
    return lambda progress: report(RunProgress("", 0, 0, 0, 0, progress.message, search=progress.search))


async def settle_unfinished(
    settings: Settings, access: ApiAccess, callbacks: RunCallbacks = RunCallbacks()
) -> list[UnfinishedRun]:
    """Settle this desk's interrupted runs, one by one; return the settled ones. Sends nothing if there are none.

    Raises KeyRefused or ApiFailed if the organization cannot be reached at all."""
    with Desk(settings.paths.desk, author=settings.author) as desk:
        if not any(run.is_ours for run in unfinished_runs(desk)):
            return []
    with run_lock(access.api_url, access.org_id), _open_desk(settings, callbacks) as desk:
        desk.bind_organization(access.org_id)
        return await _settle(settings, access, desk, callbacks)


async def _settle(settings: Settings, access: ApiAccess, desk: Desk, callbacks: RunCallbacks) -> list[UnfinishedRun]:
    settled = []
    for run in unfinished_runs(desk):
        if not run.is_ours:
            continue
        try:
            async with _open_context(settings, access, run.kind, desk, callbacks) as ctx:
                await settle_run(ctx, run)
        except Exception as error:  # whatever the response: one run must not block all others
            if isinstance(error, KeyRefused | ApiError) and not await _is_reachable(access, callbacks):
                raise
            why = await to_its_end(set_aside, desk, run.run_id, error)
            callbacks.on_set_aside(run, error if isinstance(error, TokendeskError) else InvalidResponse(why))
        else:
            settled.append(run)
    return settled


async def _is_reachable(access: ApiAccess, callbacks: RunCallbacks) -> bool:
    """Whether the organization responds to this key at all: if so, only the one run has a problem."""
    try:
        async with open_client(access.api_url, access.key, waiting=callbacks.on_wait, sleep=callbacks.sleep) as client:
            await calls.organization(client, access.org_id)
    except TokendeskError:
        return False
    return True


def give_up_run(settings: Settings, access: ApiAccess | None, run_id: str, why: str) -> None:
    """End a run of this desk that could not be settled. Raises Refused while a run is active."""
    with Desk(settings.paths.desk, author=settings.author) as desk:
        org_id = access.org_id if access else desk.org_id or settings.org_id or ""
        with run_lock(access.api_url if access else settings.api_url, org_id):
            give_up(desk, run_id, why)


def _open_desk(settings: Settings, callbacks: RunCallbacks) -> Desk:
    return Desk(settings.paths.desk, author=settings.author, clock=callbacks.clock)


@asynccontextmanager
async def _open_run(
    settings: Settings, access: ApiAccess, kind: str, callbacks: RunCallbacks
) -> AsyncIterator[RunContext]:
    configure_logging(settings.paths.log)
    with run_lock(access.api_url, access.org_id), _open_desk(settings, callbacks) as desk:
        desk.bind_organization(access.org_id)
        async with _open_context(settings, access, kind, desk, callbacks) as ctx:
            yield ctx


@asynccontextmanager
async def _open_context(
    settings: Settings, access: ApiAccess, kind: str, desk: Desk, callbacks: RunCallbacks
) -> AsyncIterator[RunContext]:
    key = (await in_background(access.revoking_key) if kind == REVOKE else None) or access.key
    async with open_client(access.api_url, key, waiting=callbacks.on_wait, sleep=callbacks.sleep) as client:
        yield RunContext(
            desk, client, access.org_id, callbacks.report, callbacks.cancelled, callbacks.sleep, callbacks.clock,
            on_nothing_done=callbacks.on_nothing_done, key_label=settings.key_label if key is access.key else None,
            batch_size=load_request_sizes(settings.paths, int(settings.now().timestamp())).policies,
            on_wait=callbacks.on_wait, stop_searching=callbacks.stop_searching, search_seconds=callbacks.search_seconds,
        )  # fmt: skip

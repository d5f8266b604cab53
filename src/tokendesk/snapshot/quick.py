"""A quick pull: tokens, their owners and the owners' policies; all other users stay as they were read before."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan
from tokendesk.api.policy_lookup import PolicyLookup, TooManyFailures
from tokendesk.api.token_list import TokenList
from tokendesk.errors import ApiError, UsageError
from tokendesk.model.records import Membership, User
from tokendesk.snapshot.file import OutdatedSnapshot, SnapshotInfo, is_damaged, snapshot_info
from tokendesk.snapshot.owned import owners_in
from tokendesk.snapshot.pull import Progress, finish_pull, refuse_other_organization
from tokendesk.snapshot.work_file import WorkFile

_AT_ONCE = 3
"""Requests of one kind in flight."""


async def pull_tokens(
    client: Client, org_id: str, target: Path, *, work: WorkFile, report: Callable[[Progress], None],
    clock: Callable[[], datetime], before_replace: Callable[[Path, str, int], None], lookup: PolicyLookup,
    tokens: TokenList,
) -> SnapshotInfo:  # fmt: skip
    """Pull tokens and what belongs to them, and replace the snapshot at `target`. `work`: an empty work file.

    Who owned a token before is read, too: without it, nobody would see that they left with their tokens.

    Raises what `pull` does, ApiError if the server does not search users by their ids, and UsageError if the present
    snapshot cannot be read.
    """
    before = await asyncio.to_thread(_before, target, org_id)
    started = clock()
    name, counted = await asyncio.gather(_name(client, org_id), calls.count_tokens(client, org_id))
    owners: dict[str, str | None] = {}
    done = 0
    async for page in tokens.pages(counted):
        await asyncio.to_thread(work.add_tokens, page)
        owners |= {token.owner_id: token.owner_email for token in page if token.owner_id}
        done += len(page)
        report(Progress("tokens", done, counted))
    if counted and not done:
        raise ApiError(
            f"Atlassian counts {counted:,} tokens and lists none. The old snapshot is kept; try again later."
        )
    asked_for = list(owners)
    if before is not None:
        asked_for += [each for each in await asyncio.to_thread(owners_in, target) if each not in owners]
    users = await _owners(client, org_id, asked_for, report)
    await asyncio.to_thread(work.add_users, users)
    asked = clock()
    problem = await _policies(lookup, {user.account_id: user.email for user in users}, work, asked, report)
    if before is not None:
        await asyncio.to_thread(work.add_users_of, target, asked_for)
    pulled_at = clock()
    pull_id, is_whole = uuid.uuid4().hex, before is not None and not before.only_owners
    oldest = await asyncio.to_thread(work.oldest_read)
    report(Progress("indexing", 0, None))
    meta = {
        "pull_id": pull_id,
        "org_id": org_id,
        "org_name": name or (before.org_name if before else None),
        "api_url": client.base_url,
        "started_at": started.isoformat(),
        "tokens_read_at": started.isoformat(),
        "pulled_at": pulled_at.isoformat(),
        "oldest_at": min(filter(None, (oldest, started.isoformat())), default=None) if before else None,
        "policies_problem": problem or (before.policies_problem if before else None),
        "policies_unknown_why": lookup.reason or (before.policies_unknown_why if before else None),
        "only_owners": None if is_whole else "yes",
    }
    second = int(pulled_at.timestamp())
    await asyncio.to_thread(finish_pull, target, work, meta, lambda new: before_replace(new, pull_id, second))
    return snapshot_info(target)


def _before(target: Path, org_id: str) -> SnapshotInfo | None:
    if not target.exists():
        return None
    refuse_other_organization(target, org_id)
    try:
        if not is_damaged(target):
            return snapshot_info(target)
    except OutdatedSnapshot:
        pass
    raise UsageError(f"The snapshot {target} cannot be read, and has the other users. Pull them, too: tokendesk pull")


async def _name(client: Client, org_id: str) -> str | None:
    try:
        return (await calls.organization(client, org_id)).name
    except Forbidden:  # the organization's record needs a scope of its own
        return None


async def _owners(
    client: Client, org_id: str, account_ids: list[str], report: Callable[[Progress], None]
) -> list[User]:
    """Return the owners that are managed users."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def some(part: tuple[str, ...]) -> list[User]:
        async with turn:
            return await calls.find_users(client, org_id, part)

    parts = [tuple(account_ids[at : at + calls.PAGE_SIZE]) for at in range(0, len(account_ids), calls.PAGE_SIZE)]
    try:
        answers = await asyncio.gather(*map(some, parts))
    except (BadRequest, NotFound, NotInPlan) as error:
        raise ApiError(
            f"Atlassian does not find users by their ids here ({error}) Pull everything: tokendesk pull"
        ) from error
    found = [user for answer in answers for user in answer]
    if {user.account_id for user in found} - set(account_ids):
        raise ApiError(
            "Atlassian returned users that were not asked for: it does not find users by their ids here. "
            "Pull everything: tokendesk pull"
        )
    report(Progress("users", len(found), len(account_ids)))
    return found


async def _policies(
    lookup: PolicyLookup, accounts: dict[str, str | None], work: WorkFile, asked: datetime,
    report: Callable[[Progress], None],
) -> str | None:  # fmt: skip
    """Ask for the policies; return why they cannot be read, if so."""
    found: list[Membership] = []
    try:
        await lookup.fetch(accounts, found)
        problem = lookup.problem
    except (Forbidden, NotInPlan, TooManyFailures) as error:
        problem = str(error)
    await asyncio.to_thread(work.add_memberships, found, asked)
    report(Progress("policies", len(found), len(accounts)))
    return problem

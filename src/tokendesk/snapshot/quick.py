"""A quick pull: tokens, their owners and the owners' policies; all other users stay as they were read before."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import Forbidden, NotInPlan
from tokendesk.api.policy_lookup import PolicyLookup, TooManyFailures
from tokendesk.api.token_list import TokenList
from tokendesk.background import in_background, to_its_end
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import ApiError, UsageError
from tokendesk.model.records import Membership
from tokendesk.model.timestamps import clock_correction, iso
from tokendesk.snapshot.file import OutdatedSnapshot, SnapshotInfo, is_damaged, snapshot_info
from tokendesk.snapshot.finish import BeforeReplace, PullFacts, finish_pull, refuse_other_organization
from tokendesk.snapshot.owned import owners_in
from tokendesk.snapshot.owners import fetch_policies, find_owners
from tokendesk.snapshot.progress import Progress, PullProgress
from tokendesk.snapshot.work_file import WorkFile


async def pull_tokens(
    client: Client, org_id: str, cache: Path, *, work: WorkFile, report: Callable[[Progress], None],
    clock: Callable[[], datetime], before_replace: BeforeReplace, lookup: PolicyLookup, tokens: TokenList,
    clock_ahead: Callable[[], float | None] = lambda: None,
) -> SnapshotInfo:  # fmt: skip
    """Pull tokens and what belongs to them into the next snapshot of a profile's `cache`. `work`: an empty work file.

    Who owned a token before is read, too: without it, nobody would see that they left with their tokens.
    `clock_ahead`: as for `pull`.

    Raises what `pull` does, ApiError if the server does not search users by their ids, and UsageError if the present
    snapshot cannot be read.
    """
    old = await asyncio.to_thread(current_snapshot, cache)
    before = await asyncio.to_thread(_before, old, org_id)
    started = clock().isoformat()
    name, counted = await asyncio.gather(_name(client, org_id), calls.count_tokens(client, org_id))
    owners: dict[str, str | None] = {}
    progress = PullProgress(lambda: client.answers)
    progress.expect("tokens", counted, lambda: tokens.page_size)
    progress.expect("owners", None, lambda: calls.PAGE_SIZE)
    done = 0
    async for page in tokens.pages(counted):
        await to_its_end(work.add_tokens, page)
        owners |= {token.owner_id: token.owner_email for token in page if token.owner_id}
        done += len(page)
        report(progress.add("tokens", len(page)))
    if counted and not done:
        raise ApiError(
            f"Atlassian counts {counted:,} tokens and lists none. The old snapshot is kept; try again later."
        )
    asked_for = list(owners)
    if before is not None:
        asked_for += [each for each in await asyncio.to_thread(owners_in, old) if each not in owners]
    progress.expect("owners", len(asked_for), lambda: calls.PAGE_SIZE)
    progress.expect("policies", len(asked_for), lambda: lookup.batch)  # at most
    users = await find_owners(client, org_id, asked_for, lambda read: report(progress.add("owners", read)))
    await to_its_end(work.add_users, users)
    progress.expect("policies", len(users), lambda: lookup.batch)
    asked, found, problem = clock(), list[Membership](), None
    try:
        await fetch_policies(
            lookup, {user.account_id: user.email for user in users}, found,
            lambda read: report(progress.add("policies", read)),
        )  # fmt: skip
        problem = lookup.problem
    except (Forbidden, NotInPlan, TooManyFailures) as error:
        problem = str(error)
        report(progress.give_up("policies"))
    await to_its_end(work.add_memberships, found, asked)
    ahead = clock_ahead()
    if before is not None:
        await to_its_end(work.add_users_of, old, asked_for, _set_forward(before.clock_ahead, ahead))
        await to_its_end(work.add_credentials_of, old)
    oldest = await to_its_end(work.oldest_read)
    report(Progress("indexing", 0, None))
    facts = PullFacts(
        org_id, name or (before.org_name if before else None), client.base_url, started, tokens_read_at=started,
        pulled_at=clock(), oldest_at=min(filter(None, (oldest, started))) if before else None,
        policies_problem=problem or (before.policies_problem if before else None),
        policies_unknown_why=lookup.reason or (before.policies_unknown_why if before else None),
        only_owners=before is None or before.only_owners, users_total=before.users_total if before else None,
        clock_ahead=ahead,
        credentials_read_at=iso(before.credentials_at) if before else None,
    )  # fmt: skip
    await in_background(finish_pull, cache, work, facts, before_replace)
    return snapshot_info(current_snapshot(cache))


def _before(old: Path, org_id: str) -> SnapshotInfo | None:
    if not old.exists():
        return None
    refuse_other_organization(old, org_id)
    try:
        if not is_damaged(old):
            return snapshot_info(old)
    except OutdatedSnapshot:
        pass
    raise UsageError(f"The snapshot {old} cannot be read, and has the other users. Pull them, too: tokendesk pull")


def _set_forward(before: float | None, ahead: float | None) -> timedelta:
    """Return by how much the clock was set forward since it was `before` that far ahead; 0 if that is unknown."""
    if before is None or ahead is None:
        return timedelta()
    return clock_correction(ahead) - clock_correction(before)


async def _name(client: Client, org_id: str) -> str | None:
    try:
        return (await calls.organization(client, org_id)).name
    except Forbidden:  # the organization's record needs a scope of its own
        return None

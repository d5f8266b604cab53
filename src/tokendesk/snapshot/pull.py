"""Pulls a complete copy of the organization, or nothing: tokens, users, and each user's policy."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from tokendesk.api.client import Client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.api.token_list import TokenList
from tokendesk.background import in_background
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import ApiError
from tokendesk.snapshot.build import NoUsers
from tokendesk.snapshot.file import SnapshotInfo, is_damaged, snapshot_info
from tokendesk.snapshot.finish import (
    BeforeReplace,
    PullFacts,
    do_nothing,
    finish_part,
    finish_pull,
    refuse_other_organization,
)
from tokendesk.snapshot.progress import Progress, ignore_progress
from tokendesk.snapshot.reading import Reading
from tokendesk.snapshot.work_file import WorkFile, new_work_file

OnPart = Callable[[SnapshotInfo], Awaitable[None]]


async def pull(
    client: Client,
    org_id: str,
    cache: Path,
    *,
    report: Callable[[Progress], None] = ignore_progress,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    before_replace: BeforeReplace = do_nothing,
    lookup: PolicyLookup | None = None,
    tokens: TokenList | None = None,
    work: WorkFile | None = None,
    on_part: OnPart | None = None,
    clock_ahead: Callable[[], float | None] = lambda: None,
) -> SnapshotInfo:
    """Pull everything and make it the current snapshot of a profile's `cache`.

    `before_replace` gets the new, checked file, the id of its pull and its time, while the old one is still in
    place. `lookup` asks for policies, `tokens` for tokens; the sizes that work are in them afterwards. `work`: what
    arrived is kept there until the pull is complete; what is there already is not read again, except tokens.
    `on_part`: makes a snapshot of tokens, owners and their policies as soon as these have arrived, and calls this.
    `clock_ahead`: how far `clock` is ahead of the server's, as measured until then.

    Raises KeyRefused, ApiFailed, UsageError or Refused, and leaves the old snapshot as it was. If policies
    cannot be read, the snapshot is complete except for them and says so.
    """
    before = await asyncio.to_thread(current_snapshot, cache)
    if await asyncio.to_thread(before.exists):
        refuse_other_organization(before, org_id)
    with new_work_file(cache) if work is None else nullcontext(work) as used:
        await _pull(
            client, org_id, cache, before, used, report, clock, before_replace, lookup, tokens, on_part, clock_ahead
        )
    return snapshot_info(current_snapshot(cache))


def _keep_unread(work: WorkFile, before: Path) -> None:
    """Keep the credentials of the snapshot before whose lists could not be read now."""
    if not is_damaged(before):
        work.add_credentials_of(before, unread=True)


async def _pull(
    client: Client, org_id: str, cache: Path, before: Path, work: WorkFile, report: Callable[[Progress], None],
    clock: Callable[[], datetime], before_replace: BeforeReplace, lookup: PolicyLookup | None,
    tokens: TokenList | None, on_part: OnPart | None, clock_ahead: Callable[[], float | None],
) -> None:  # fmt: skip
    started = clock().isoformat()
    first = work.state().get("started_at") or started
    lookup = lookup or PolicyLookup(client, org_id)
    is_continued = work.users_place is not None
    lookup.remember(*work.kept_policies())
    tokens = tokens or TokenList(client, org_id)
    name: str | None = None

    def facts(*, only_owners: bool) -> PullFacts:
        return PullFacts(
            org_id, name, client.base_url, first, tokens_read_at=started, pulled_at=clock(),
            oldest_at=first if is_continued else None, policies_problem=reading.policies_problem,
            policies_unknown_why=lookup.reason, only_owners=only_owners, users_total=reading.counted_users,
            clock_ahead=clock_ahead(), credentials_read_at=reading.credentials_read_at,
        )  # fmt: skip

    async def show_owners() -> None:
        try:
            await in_background(finish_part, cache, work.path, facts(only_owners=True))
        except NoUsers:  # the server refused the place of an earlier pull: all users are being read again
            return
        if on_part is not None:
            await on_part(snapshot_info(current_snapshot(cache)))

    reading = Reading(client, lookup, tokens, org_id, work, report, clock, None if on_part is None else show_owners)
    try:
        name = await reading.read_totals()
        await reading.read()
    finally:
        await reading.close()
    if reading.counted_tokens and not work.count("arrived_token"):
        raise ApiError(
            f"Atlassian counts {reading.counted_tokens:,} tokens and lists none. "
            "The old snapshot is kept; try again later."
        )
    report(Progress("indexing", 0, None))
    if await asyncio.to_thread(before.exists):
        await in_background(_keep_unread, work, before)
    await in_background(finish_pull, cache, work, facts(only_owners=False), before_replace)

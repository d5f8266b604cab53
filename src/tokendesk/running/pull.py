"""Pulls a profile's organization: binds the desk to it, updates the history, makes a new snapshot."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from tokendesk.api.client import open_client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.api.token_list import TokenList
from tokendesk.background import in_background
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.telling import describe_implausible_clock
from tokendesk.errors import UsageError
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.model.timestamps import MINUTE, day_and_time, utc
from tokendesk.paths import ProfilePaths, make_folder
from tokendesk.running.access import ApiAccess
from tokendesk.running.lock import hold_lock
from tokendesk.running.logs import configure_logging
from tokendesk.running.renew import renew_notes
from tokendesk.running.request_sizes import RequestSizes, load_request_sizes, save_request_sizes
from tokendesk.running.sharing import describe_exchange, share_notes
from tokendesk.snapshot.build import remove_leftovers
from tokendesk.snapshot.file import OutdatedSnapshot, SnapshotInfo, is_damaged, snapshot_info
from tokendesk.snapshot.progress import Progress
from tokendesk.snapshot.pull import pull
from tokendesk.snapshot.quick import pull_tokens
from tokendesk.snapshot.resume import PullOf, open_work_file, renew_kept
from tokendesk.snapshot.work_file import WorkFile, remove_work_file
from tokendesk.sqlite import is_there
from tokendesk.views.pending_changes import SLOW

_LOG = logging.getLogger("tokendesk")
PULL_DAILY_HINT = (
    "Pull once a day, and tokendesk learns how often each token is used and what changes. "
    "Cron, a systemd timer, launchd or the Task Scheduler can run: tokendesk pull"
)
"""Shown once, after a profile's first pull."""


def is_first_pull(paths: ProfilePaths) -> bool:
    """Whether the next pull is a profile's first."""
    return not is_there(paths.history, "history")


async def _ignore_part(_: SnapshotInfo) -> None:
    pass


async def pull_profile(
    settings: Settings,
    access: ApiAccess,
    report: Callable[[Progress], None],
    waiting: Callable[[str, float], None],
    *,
    clock: Callable[[], datetime] | None = None,
    on_note: Callable[[str], None] = _LOG.warning,
    on_problem: Callable[[str], None] | None = None,
    fresh: bool = False,
    tokens_only: bool = False,
    on_part: Callable[[SnapshotInfo], Awaitable[None]] = _ignore_part,
) -> SnapshotInfo:
    """Pull the profile's next snapshot; bind the desk to the organization, and record changes in the history.

    `clock`: the current time, by default the profile's. `on_note`: gets messages about the shared folder, if there is
    one, about what an interrupted pull left, and about a clock that cannot be right; `on_problem`: those of notes that
    could not be shared, by default the same. `fresh`: ignore what an interrupted pull left.
    `tokens_only`: read tokens, their owners and the owners' policies. `on_part`: called in the middle of a first pull,
    with a snapshot of these that can be shown while the other users are being read; the history does not count it.
    """
    paths, now = settings.paths, clock or settings.now
    began = now()
    configure_logging(paths.log)
    with pull_lock(paths):
        remove_leftovers(paths.cache)
        before = _readable(paths)
        with Desk(paths.desk, author=settings.author) as desk:
            desk.bind_organization(access.org_id)
        exchanged = await in_background(share_notes, settings)
        for line in describe_exchange(exchanged):
            (on_problem or on_note if exchanged.problems else on_note)(line)
        complete_pull(paths.history, before.pull_id if before else None)

        is_compared = before is not None

        def record_history(new: Path, pull_id: str, at: int) -> None:
            nonlocal is_compared
            record = partial(
                record_pull, paths.history, new,
                org_id=access.org_id, pull_id=pull_id, at=at, idle_days=settings.thresholds.idle, desk=paths.desk,
            )  # fmt: skip
            try:
                record(paths.snapshot if is_compared else None)
            except UsageError:
                if not is_compared or not is_damaged(paths.snapshot):
                    raise
                is_compared = False
                record(None)

        is_simulated = clock is not None or settings.clock is not None

        def clock_ahead() -> float | None:
            ahead = None if is_simulated else client.clock_ahead
            if before is None and ahead is not None:  # a run may follow in the middle of a first pull
                with Desk(paths.desk, author=settings.author) as desk:
                    desk.measure_clock(ahead)
            return ahead

        within = timedelta() if fresh else settings.resume_within
        async with (
            open_client(access.api_url, access.key, waiting=waiting) as client,
            _empty_work_file(paths)
            if tokens_only
            else _resumable_work_file(settings, access, now(), within, on_note) as work,
        ):
            kept = load_request_sizes(paths, int(now().timestamp()))
            lookup = PolicyLookup(client, access.org_id, kept.policies)
            tokens = TokenList(client, access.org_id, kept.tokens)

            def record_and_renew(new: Path, pull_id: str, at: int) -> None:
                record_history(new, pull_id, at)
                renew_kept(paths.work, work.path, began)  # before: a pull that is continued takes nobody back in time

            run = pull_tokens if tokens_only else partial(pull, on_part=on_part if before is None else None)
            info = await run(
                client, access.org_id, paths.cache,
                report=report, clock=now, before_replace=record_and_renew if tokens_only else record_history,
                lookup=lookup, tokens=tokens, work=work, clock_ahead=clock_ahead,
            )  # fmt: skip
            work.remove()
            save_request_sizes(paths, kept, RequestSizes(lookup.found_batch, tokens.page_size), int(now().timestamp()))
            ahead = client.clock_ahead
        if before is not None and not is_compared:
            on_note("The previous snapshot was damaged, so this pull could not be compared with it.")
        if ahead is not None and not is_simulated:
            with Desk(paths.desk, author=settings.author) as desk:
                if not desk.measure_clock(ahead):
                    on_note(describe_implausible_clock(ahead))
        complete_pull(paths.history, info.pull_id)
        # In a thread: with 50,000 tokens it takes seconds.
        await in_background(update_rhythms, paths.history, paths.snapshot, paths.desk)
        if renewed := await in_background(renew_notes, settings, now):
            on_note(renewed)
    return info


@asynccontextmanager
async def _empty_work_file(paths: ProfilePaths) -> AsyncIterator[WorkFile]:
    """Create a work file that is removed in any case."""
    await asyncio.to_thread(remove_work_file, paths.quick_work)
    work = WorkFile(paths.quick_work)
    try:
        yield work
    finally:
        work.remove()


@asynccontextmanager
async def _resumable_work_file(
    settings: Settings, access: ApiAccess, now: datetime, within: timedelta, on_note: Callable[[str], None]
) -> AsyncIterator[WorkFile]:
    """Open the work file of an interrupted pull of ours that began `within` that time, else a new one."""
    with suppress(UsageError):  # what a killed quick pull left
        await asyncio.to_thread(remove_work_file, settings.paths.quick_work)
    of = PullOf(access.org_id, access.api_url, access.key)
    work, kept = await asyncio.to_thread(open_work_file, settings.paths.work, of, now, within)
    try:
        if kept is not None:
            with Desk(settings.paths.desk, author=settings.author) as desk:
                work.forget_policies(_moved_since(desk, utc(kept.started) - SLOW))
            on_note(str(kept))
        yield work
    finally:
        work.close()


def _moved_since(desk: Desk, moment: datetime) -> list[str]:
    """Return the users whom runs moved, or tried to: what was read of them may be out of date."""
    rows = desk.rows("SELECT account_id FROM moved WHERE at >= ?", f"{desk.by_server(moment):%Y-%m-%dT%H:%M:%S}")
    return [account_id for (account_id,) in rows]


def _readable(paths: ProfilePaths) -> SnapshotInfo | None:
    try:
        return snapshot_info(paths.snapshot) if paths.snapshot.exists() else None
    except OutdatedSnapshot:
        return None


@contextmanager
def pull_lock(paths: ProfilePaths, what: str = "pull") -> Iterator[None]:
    """Hold the profile's lock for reading `what`; the system releases it if this process dies."""
    make_folder(paths.cache)
    of = "" if what == "pull" else f" of {what}"
    with hold_lock(
        paths.cache,
        what.replace(" ", "-"),
        lambda who: f"Another pull{of} of this profile is running{who}. Wait until it ends.",
    ):
        yield


def describe_pull(info: SnapshotInfo) -> str:
    policies = "policies unknown" if info.no_policies else f"{info.policies:,} policies"
    if info.unknown_policies_label:
        policies += f" ({info.unknown_policies_label})"
    name = printable(info.org_name or info.org_id)
    users = f"{info.users:,} users"
    if info.only_owners:
        users += " (owners of tokens only)"
    elif info.tokens_at - info.oldest_at >= MINUTE:
        users += f" (the oldest read {day_and_time(info.oldest_at)})"
    is_read = info.credentials or (info.credentials_at is not None and not info.credentials_problem)
    others = f", {counted(info.credentials, 'other credential')}" if is_read else ""
    return (
        f"{name}: {info.tokens:,} tokens of managed users, {users}, {policies}{others}. "
        "Not listed by Atlassian: external users' tokens, OAuth apps that users allowed."
    )


def describe_unread_credentials(info: SnapshotInfo) -> str:
    """Say which lists of credentials were not read, and why; empty if all were."""
    why = printable(info.credentials_problem or "")
    return f"Not all credentials were read. {why}." if why else ""


def describe_unknown_policies(info: SnapshotInfo) -> str:
    """Say how many policies are unknown, and why, in one sentence; empty if all are known."""
    why = printable(info.unknown_why or "")
    if info.no_policies:
        return f"policies are unknown: {why}"
    if not info.unknown_policies_label:
        return ""
    reason = f": {why.removesuffix('.')}" if info.policies_problem else f" ({why})" if why else ""
    return f"{info.unknown_policies_label}{reason}. The filter policy:none shows the users."

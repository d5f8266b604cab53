"""Pulling the organization of a profile: its desk bound to it, its history kept, its snapshot replaced."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tokendesk.api.client import open_client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.api.token_list import TokenList
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.telling import unbelieved_words
from tokendesk.history.record import record_pull, settle
from tokendesk.history.rhythms import renew_rhythms
from tokendesk.model.text import clean
from tokendesk.paths import Places, make_folder
from tokendesk.running.access import Access
from tokendesk.running.lock import hold
from tokendesk.running.logs import write_log
from tokendesk.running.sharing import share_notes, sharing_words
from tokendesk.running.sizes import Sizes, keep_sizes, kept_sizes
from tokendesk.snapshot.build import remove_leftovers
from tokendesk.snapshot.file import Replaceable, SnapshotInfo, snapshot_info
from tokendesk.snapshot.pull import Progress, pull

_LOG = logging.getLogger("tokendesk")
EVERY_DAY = (
    "Pull once a day, and tokendesk learns how often each token is used and what comes and goes: "
    "docs/how-to/pull-every-day.md shows how."
)
"""Said once, after a profile's first pull."""


def is_first(places: Places) -> bool:
    """Whether the next pull is a profile's first."""
    return not places.history.exists()


async def pull_once(
    settings: Settings,
    way: Access,
    report: Callable[[Progress], None],
    waiting: Callable[[str, float], None],
    *,
    clock: Callable[[], datetime] | None = None,
    note: Callable[[str], None] = _LOG.warning,
) -> SnapshotInfo:
    """Pull into the profile's snapshot; the desk is bound to the organization, the history says what changed.

    `clock`: the present, by default that of the profile. `note`: told what the shared folder brought, if there is one,
    and of a clock that cannot be right.
    """
    places = settings.places
    write_log(places.log)
    with one_at_a_time(places):
        remove_leftovers(places.snapshot)
        before = _readable(places)
        with Desk(places.desk, author=settings.author) as desk:
            desk.belong_to(way.org_id)
            for line in sharing_words(await asyncio.to_thread(share_notes, settings, desk)):
                note(line)
        settle(places.history, before.pull_id if before else None)

        def remember(new: Path, pull_id: str, at: int) -> None:
            record_pull(
                places.history,
                new,
                places.snapshot if before else None,
                org_id=way.org_id,
                pull_id=pull_id,
                at=at,
                idle_days=settings.thresholds.idle,
                desk=places.desk,
            )

        async with open_client(way.api_url, way.key, waiting=waiting) as client:
            now = clock or settings.now
            kept = kept_sizes(places, int(now().timestamp()))
            lookup = PolicyLookup(client, way.org_id, kept.policies)
            tokens = TokenList(client, way.org_id, kept.tokens)
            info = await pull(
                client, way.org_id, places.snapshot,
                report=report, clock=now, before_replace=remember, lookup=lookup, tokens=tokens,
            )  # fmt: skip
            keep_sizes(places, kept, Sizes(lookup.found_batch, tokens.page_size), int(now().timestamp()))
            ahead = client.clock_ahead
        if ahead is not None and clock is None and settings.clock is None:  # not where the time is an invented one
            with Desk(places.desk, author=settings.author) as desk:
                if not desk.measure_clock(ahead):
                    note(unbelieved_words(ahead))
        settle(places.history, info.pull_id)
        # Away from the event loop: with 50,000 tokens it takes seconds.
        await asyncio.to_thread(renew_rhythms, places.history, places.snapshot, places.desk)
    return info


def _readable(places: Places) -> SnapshotInfo | None:
    try:
        return snapshot_info(places.snapshot) if places.snapshot.exists() else None
    except Replaceable:
        return None


@contextmanager
def one_at_a_time(places: Places, what: str = "pull") -> Iterator[None]:
    """Hold the profile's lock on `what` is read; it is freed by the system if this process dies."""
    make_folder(places.cache)
    of = "" if what == "pull" else f" of {what}"
    with hold(
        places.cache,
        what.replace(" ", "-"),
        lambda who: f"Another pull{of} of this profile is running{who}. Wait until it is done.",
    ):
        yield


def summary(info: SnapshotInfo) -> str:
    policies = "policies unknown" if info.no_policies else f"{info.policies:,} policies"
    if info.unknown_words:
        policies += f" ({info.unknown_words})"
    name = clean(info.org_name or info.org_id)
    return (
        f"{name}: {info.tokens:,} tokens of managed users, {info.users:,} users, {policies}. "
        "Not listed by Atlassian: external users' tokens. Separate: service accounts' tokens, OAuth apps."
    )


def unknown_policies(info: SnapshotInfo) -> str:
    """Return whose policies are not known, and why, in one sentence; empty where all are known."""
    why = clean(info.unknown_why or "")
    if info.no_policies:
        return f"policies are unknown: {why}"
    if not info.unknown_words:
        return ""
    reason = f": {why.removesuffix('.')}" if info.policies_problem else f" ({why})" if why else ""
    return f"{info.unknown_words}{reason}. The filter policy:none shows the users."

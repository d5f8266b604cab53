"""Pulling the organization of a profile: its desk bound to it, its snapshot replaced."""

from collections.abc import Callable
from datetime import UTC, datetime

from tokendesk.api.client import connected
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.model.text import clean
from tokendesk.running.access import Access
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.snapshot.pull import Progress, pull


async def pull_once(
    settings: Settings,
    way: Access,
    report: Callable[[Progress], None],
    waiting: Callable[[str, float], None],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SnapshotInfo:
    """Pull into the profile's snapshot, and bind the profile's desk to the organization."""
    with Desk(settings.places.desk, author=settings.author) as desk:
        desk.belong_to(way.org_id)
    async with connected(way.api_url, way.key, waiting=waiting) as client:
        return await pull(client, way.org_id, settings.places.snapshot, report=report, clock=clock)


def summary(info: SnapshotInfo) -> str:
    policies = "policies unknown" if info.policies_problem else f"{info.policies:,} policies"
    name = clean(info.org_name or info.org_id)
    return (
        f"{name}: {info.tokens:,} tokens of managed users, {info.users:,} users, {policies}. "
        "Not listed by Atlassian: external users' tokens. Separate: service accounts' tokens, OAuth apps."
    )

"""Builds the snapshot of what arrived, with what is known of the pull."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tokendesk.errors import Refused
from tokendesk.snapshot.build import NoUsers, SnapshotBuilder
from tokendesk.snapshot.file import OutdatedSnapshot, snapshot_info
from tokendesk.snapshot.work_file import WorkFile

BeforeReplace = Callable[[Path, str, int], None]
"""Gets the new, checked file, the id of its pull and its time in epoch seconds."""


@dataclass(frozen=True, slots=True)
class PullFacts:
    """Times as ISO 8601, except `pulled_at`. `only_owners`: users without tokens were never read; `users_total`: how
    many managed users there are, if that was asked; `clock_ahead`: as in SnapshotInfo.
    """

    org_id: str
    org_name: str | None
    api_url: str
    started_at: str
    tokens_read_at: str
    pulled_at: datetime
    oldest_at: str | None
    policies_problem: str | None
    policies_unknown_why: str | None
    only_owners: bool
    users_total: int | None
    clock_ahead: float | None
    credentials_read_at: str | None = None
    """None if they were not read."""

    def meta(self, pull_id: str) -> dict[str, str]:
        """Return what the snapshot keeps of it."""
        facts = {
            "pull_id": pull_id,
            "org_id": self.org_id,
            "org_name": self.org_name,
            "api_url": self.api_url,
            "started_at": self.started_at,
            "tokens_read_at": self.tokens_read_at,
            "pulled_at": self.pulled_at.isoformat(),
            "oldest_at": self.oldest_at,
            "policies_problem": self.policies_problem,
            "policies_unknown_why": self.policies_unknown_why,
            "only_owners": "yes" if self.only_owners else None,
            "users_total": str(self.users_total) if self.only_owners and self.users_total else None,
            "clock_ahead": None if self.clock_ahead is None else str(self.clock_ahead),
            "credentials_read_at": self.credentials_read_at,
        }
        return {name: value for name, value in facts.items() if value is not None}


def do_nothing(new: Path, pull_id: str, at: int) -> None:
    pass


def finish_pull(cache: Path, work: WorkFile, facts: PullFacts, before_replace: BeforeReplace = do_nothing) -> None:
    """Build the snapshot of all that arrived, and make it the current one of `cache`."""
    work.forget_policies_of_nobody()
    try:
        _build(cache, work.path, facts, before_replace)
    except NoUsers:
        work.forget_users()
        raise


def finish_part(cache: Path, work: Path, facts: PullFacts) -> None:
    """Build a snapshot of what arrived so far, while more is being added to the work file."""
    _build(cache, work, facts, do_nothing)


def _build(cache: Path, work: Path, facts: PullFacts, before_replace: BeforeReplace) -> None:
    pull_id, second = uuid.uuid4().hex, int(facts.pulled_at.timestamp())
    with SnapshotBuilder(cache, work) as builder:
        builder.finish(
            facts.meta(pull_id), lambda new: before_replace(new, pull_id, second),
            asked_only=facts.only_owners and facts.policies_problem is None,
            with_credentials=facts.credentials_read_at is not None,
        )  # fmt: skip


def refuse_other_organization(snapshot: Path, org_id: str) -> None:
    """Raise Refused if this snapshot is of another organization."""
    try:
        there = snapshot_info(snapshot).org_id
    except OutdatedSnapshot:
        return
    if there != org_id:
        raise Refused(
            f"This profile's snapshot is of organization {there}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

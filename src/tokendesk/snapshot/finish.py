"""Builds the snapshot of what arrived, with what is known of the pull."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tokendesk.errors import ApiError, Refused
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.file import OutdatedSnapshot, snapshot_info
from tokendesk.snapshot.work_file import WorkFile

BeforeReplace = Callable[[Path, str, int], None]
"""Gets the new, checked file, the id of its pull and its time in epoch seconds."""


@dataclass(frozen=True, slots=True)
class PullFacts:
    """Times as ISO 8601, except `pulled_at`. `only_owners`: users without tokens were never read; `users_total`: how
    many managed users there are, if that was asked.
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
        }
        return {name: value for name, value in facts.items() if value is not None}


def do_nothing(new: Path, pull_id: str, at: int) -> None:
    pass


def finish_pull(target: Path, work: WorkFile, facts: PullFacts, before_replace: BeforeReplace = do_nothing) -> None:
    """Build the snapshot of what arrived, and replace the one at `target`.

    While other users are still being read, those whose policy was not asked for yet are left out.
    """
    work.forget_policies_of_nobody()
    asked_only = facts.only_owners and facts.policies_problem is None
    arrived = f"arrived_user WHERE {'account_id IN (SELECT account_id FROM membership)' if asked_only else 'TRUE'}"
    tokens, users = work.count("arrived_token"), work.count(arrived)
    if tokens and not users:
        work.forget_users()
        raise ApiError("Atlassian listed tokens but no user at all. The old snapshot is kept; try again later.")
    policies = work.count("(SELECT DISTINCT policy_id FROM membership WHERE policy_id IS NOT NULL)")
    unknown = work.count(f"{arrived} AND account_id NOT IN ({_WITH_POLICY})")
    counts = {"tokens": tokens, "users": users, "policies": policies, "policies_unknown": unknown}
    pull_id, second = uuid.uuid4().hex, int(facts.pulled_at.timestamp())
    meta = {**facts.meta(pull_id), **_read_at(work), **{name: str(count) for name, count in counts.items()}}
    with SnapshotBuilder(target, work) as builder:
        builder.finish(meta, lambda new: before_replace(new, pull_id, second), asked_only=asked_only)


def _read_at(work: WorkFile) -> dict[str, str]:
    oldest = work.oldest_read(of_owners=True)
    return {} if oldest is None else {"owners_read_at": oldest}


_WITH_POLICY = "SELECT account_id FROM membership WHERE policy_id IS NOT NULL"


def refuse_other_organization(target: Path, org_id: str) -> None:
    """Raise Refused if the snapshot at `target` is of another organization."""
    try:
        there = snapshot_info(target).org_id
    except OutdatedSnapshot:
        return
    if there != org_id:
        raise Refused(
            f"This profile's snapshot is of organization {there}, not {org_id}. "
            "Use a profile of its own: --profile NAME."
        )

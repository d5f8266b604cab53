"""Pulls of invented responses into the history of a profile, without a server."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tests.practice import NOW
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.changes import describe_change
from tokendesk.model.records import Membership, Token, User
from tokendesk.model.timestamps import DAY, iso
from tokendesk.paths import ProfilePaths
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.work_file import new_work_file

START = int(NOW.timestamp())
BO = User("account-bo", "Bo Test", "bo@example.com", account_status="active")
JOB = Token("token-job", "nightly job", "ALLOWED", iso(START - 90 * DAY), iso(START + 90 * DAY), owner_id=BO.account_id)


class Pulls:
    """Pulls of made-up answers, by default a day apart, into the history of one profile."""

    def __init__(self, paths: ProfilePaths) -> None:
        self.paths = paths
        self.day = 0

    @property
    def now(self) -> int:
        return START + self.day * DAY

    def next(
        self, tokens: Sequence[Token], users: Sequence[User] = (BO,), policy: str = "policy-a", days: int = 1
    ) -> list[str]:
        """Pull `days` later, and return the words of what changed."""
        self.day += days
        at, pull_id = START + self.day * DAY, f"pull-{self.day}"
        old = self.paths.snapshot if self.paths.snapshot.exists() else None
        with new_work_file(self.paths.cache) as work:
            work.add_users(users)
            work.add_memberships(Membership(user.account_id, policy) for user in users)
            work.add_tokens(tokens)
            meta = {
                "pull_id": pull_id, "org_id": "org", "pulled_at": str(iso(at)),
                "users": "1", "tokens": "1", "policies": "1",
            }  # fmt: skip
            with SnapshotBuilder(self.paths.cache, work.path) as builder:
                builder.finish(meta, lambda new: self._record(new, old, pull_id, at))
        complete_pull(self.paths.history, pull_id)
        update_rhythms(self.paths.history, self.paths.snapshot, self.paths.desk)
        db = sqlite3.connect(self.paths.history)
        found = db.execute(
            "SELECT kind, before, after FROM change WHERE pull_id = ? ORDER BY id", (pull_id,)
        ).fetchall()
        db.close()
        return [describe_change(*row) for row in found]

    def _record(self, new: Path, old: Path | None, pull_id: str, at: int) -> None:
        history, desk = self.paths.history, self.paths.desk
        record_pull(history, new, old, org_id="org", pull_id=pull_id, at=at, idle_days=90, desk=desk)

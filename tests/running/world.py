"""An organization that can be changed, its profile, and what both report on every user."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from tests.practice import NOW, copy_pulled, name_policies, pull_quietly, settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.model.plan import Plan
from tokendesk.model.secret import Secret
from tokendesk.reporting.run_report import run_document
from tokendesk.running.access import ApiAccess
from tokendesk.running.apply import RunCallbacks, apply_plan, settle_unfinished
from tokendesk.running.pull import pull_profile
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.views.journal import run_head, run_page
from tokendesk.views.planning import move_owners, move_users, planner, revoke_tokens
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())
WRITING = {"POST": ("add-users",), "DELETE": ("",)}


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


@dataclass
class World:
    settings: Settings
    made: Organization
    sandbox: Sandbox
    access: ApiAccess

    def pull(self) -> None:
        asyncio.run(pull_quietly(self.settings, self.access))

    def pull_now(self) -> None:
        """Pull with the clock of the runs, which is the present."""
        quiet: Any = lambda *_: None  # noqa: E731
        asyncio.run(pull_profile(self.settings, self.access, quiet, quiet))

    def ids(self, pane: str, text: str) -> list[int]:
        with self.reader() as reader:
            return list(reader.ids(Query(pane, filter=text), PRESENT))

    def reader(self) -> Reader:
        return Reader(self.settings.paths, self.settings.thresholds)

    def policy(self, name: str) -> str:
        return next(policy.id for policy in self.made.policies if policy.name == name)

    def move(self, text: str, target: str, most: int | None = None) -> Plan:
        with self.reader() as reader:
            ids = list(reader.ids(Query("users", filter=text, sort=("name",)), PRESENT))[:most]
            return move_users(reader, ids, self.policy(target), planner(self.settings, PRESENT))

    def move_owners(self, text: str, target: str) -> Plan:
        with self.reader() as reader:
            ids = reader.ids(Query("tokens", filter=text), PRESENT)
            return move_owners(reader, ids, self.policy(target), planner(self.settings, PRESENT))

    def revoke(self, text: str, most: int | None = None) -> Plan:
        with self.reader() as reader:
            ids = list(reader.ids(Query("tokens", filter=text), PRESENT))[:most]
            return revoke_tokens(reader, ids, planner(self.settings, PRESENT))

    def apply(self, plan: Plan, **means: Any) -> str:
        return asyncio.run(apply_plan(self.settings, self.access, plan, self.means(**means)))

    def settle(self, **means: Any) -> list[str]:
        settled = asyncio.run(settle_unfinished(self.settings, self.access, self.means(**means)))
        return [run.run_id for run in settled]

    def means(self, **means: Any) -> RunCallbacks:
        return RunCallbacks(**{"sleep": self.sleep, "clock": lambda: datetime.now(UTC), **means})

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at the server alone: a task nobody asks about goes on meanwhile."""
        for task in self.made.state.tasks.values():
            task.seen_at -= seconds
        await asyncio.sleep(0)

    def rows(self, run_id: str) -> dict[str, dict[str, Any]]:
        names = ("record", "outcome", "reason", "from_id", "to_id", "found_id", "planned")
        with Desk(self.settings.paths.desk) as desk:
            found = desk.rows(f"SELECT {', '.join(names)} FROM run_row WHERE run_id = ?", run_id)
        return {row[0]: dict(zip(names, row, strict=True)) for row in found}

    def run(self, run_id: str) -> dict[str, Any]:
        names = ("state", "words", "ended", "digest", "planned")
        with Desk(self.settings.paths.desk) as desk:
            (row,) = desk.rows(f"SELECT {', '.join(names)} FROM run WHERE run_id = ?", run_id)
        return dict(zip(names, row, strict=True))

    def runs(self) -> list[dict[str, Any]]:
        names = ("run_id", "digest", "state")
        with Desk(self.settings.paths.desk) as desk:
            found = desk.rows(f"SELECT {', '.join(names)} FROM run ORDER BY began")
        return [dict(zip(names, row, strict=True)) for row in found]

    def on_server(self, records: Sequence[str]) -> dict[str, str]:
        """Return the policy each account is in on the server, now that all its tasks have ended."""
        for task in self.made.state.tasks.values():
            task.seen_at = -1e9
        self.made.tasks.settle()
        found = {}
        for record in records:
            index = self.made.accounts.find_id(record)
            assert index is not None
            found[record] = self.made.policy_of(index)
        return found

    def shown(self, records: Sequence[str]) -> dict[str, str]:
        """Return the policy the users pane shows for each account."""
        with self.reader() as reader:
            rows = reader.db.execute("SELECT account_id, policy_id FROM user_row")
            known = {row["account_id"]: row["policy_id"] for row in rows}
        return {record: known[record] for record in records}

    def posts(self) -> list[list[str]]:
        """Return the addresses of every batch the server accepted, in their order."""
        return [list(task.emails) for task in self.made.state.tasks.values()]


def reported(world: World, run_id: str) -> dict[str, tuple[str, str]]:
    """Return what the report of a run says of each user, by e-mail address: the policy found after, the outcome."""
    with world.reader() as reader:
        page = run_page(reader, run_id)
        assert page is not None
        document = run_document(page, run_head(reader, run_id), "Acme Corp", PRESENT)
    (table,) = [part.table for part in document.parts if part.heading == "Rows"]
    assert table is not None
    return {str(row[1]): (str(row[4]), str(row[5])) for row in table.rows}


def agree(world: World, run_id: str, plan: Plan) -> Counter[str]:
    """Check every user of the plan in desk, screen, report and server; return how many came out how."""
    records = [row.record for row in plan.rows]
    report, names = reported(world, run_id), {policy.id: policy.name for policy in world.made.policies}
    server, shown, rows = world.on_server(records), world.shown(records), world.rows(run_id)
    assert world.run(run_id)["state"] in ("done", "stopped", "cancelled")
    for planned in plan.rows_to_do:
        record, row = planned.record, rows[planned.record]
        assert shown[record] == server[record], row
        if row["outcome"] == "moved":
            assert server[record] == planned.to_id, row
        else:
            assert row["outcome"] in ("failed", "not tried", "changed", "unknown"), row
            assert server[record] == planned.from_id, row
        found, words = report[planned.email or "none"]
        assert words.startswith("moved") == (row["outcome"] == "moved"), words
        if row["found_id"] is not None:
            assert row["found_id"] == server[record], row
            assert found == names[server[record]], row
    return Counter(rows[planned.record]["outcome"] for planned in plan.rows_to_do)


@contextmanager
def serve_world(
    home: Path,
    users: int = 1204,
    tokens: int = 82,
    *,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    pace: TaskSpeed | None = None,
    made: type[Organization] = Organization,
    profile: str = "demo",
    now: datetime = NOW,
    **settings: Any,
) -> Iterator[World]:
    served = made(1, users, tokens, now, now=lambda: now, pace=pace or TaskSpeed(1, 2, 600.0))
    known = settings_in(home, profile)._replace(allow_writes=True, admin_emails=("gael.novak@example.com",), **settings)
    is_plain = made is Organization and now == NOW
    if is_plain:
        copy_pulled(home, users, tokens, profile)
    name_policies(known, served)
    with serving(served) as (address, sandbox):
        access = ApiAccess(
            address.url, address.org_id, Secret(address.scoped_key), revoke_key=Secret(address.unscoped_key)
        )
        found = World(known, served, sandbox, access)
        if not is_plain:
            found.pull()
        if wrap:
            sandbox.handler = wrap(sandbox.handler)
        yield found

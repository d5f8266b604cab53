"""A clock that was ahead is corrected between pulls: what runs did is told by the server's time all the same."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.practice import NOW
from tests.running.world import World, serve_world
from tokendesk.api.client import open_client
from tokendesk.api.policy_lookup import PolicyLookup
from tokendesk.api.token_list import TokenList
from tokendesk.desk.entries import Desk
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.model.timestamps import entry_time
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info
from tokendesk.snapshot.pull import pull
from tokendesk.snapshot.quick import pull_tokens
from tokendesk.snapshot.work_file import new_work_file

HOUR = timedelta(hours=1)


def pulled(world: World, hours: float, ahead: float = 0, *, tokens_only: bool = False) -> SnapshotInfo:
    """Pull `hours` after the start, by the server's clock, with a clock that is `ahead` of it by that many hours."""
    paths, org_id = world.settings.paths, world.access.org_id
    old = paths.snapshot if paths.snapshot.exists() else None

    def record(new: Path, pull_id: str, at: int) -> None:
        record_pull(paths.history, new, old, org_id=org_id, pull_id=pull_id, at=at, idle_days=90, desk=paths.desk)

    def clock() -> datetime:
        return NOW + (hours + ahead) * HOUR

    async def read() -> SnapshotInfo:
        async with open_client(world.access.api_url, world.access.key) as client:
            run: Any = pull
            with new_work_file(paths.cache) as work:
                if tokens_only:
                    run = partial(pull_tokens, report=lambda progress: None)
                made: SnapshotInfo = await run(
                    client, org_id, paths.cache, clock=clock, before_replace=record, work=work,
                    lookup=PolicyLookup(client, org_id), tokens=TokenList(client, org_id),
                    clock_ahead=lambda: ahead * 3_600,
                )  # fmt: skip
                return made

    info = asyncio.run(read())
    complete_pull(paths.history, info.pull_id)
    with Desk(paths.desk, clock=clock) as desk:
        desk.measure_clock(ahead * 3_600)
    return info


def moved_by_a_run(world: World, hours: float) -> str:
    """Move a user without tokens as a run of ours does, and return the account id."""
    with closing(sqlite3.connect(world.settings.paths.snapshot)) as db:
        account, came_from = db.execute(
            "SELECT account_id, policy_id FROM user JOIN policy ON policy.id = user.policy"
            " WHERE user.tokens = 0 LIMIT 1"
        ).fetchone()
    index = world.made.accounts.find_id(account)
    assert index is not None
    target = next(policy.id for policy in world.made.policies if policy.id != came_from)
    world.made.move(index, target)
    row = (account, target, came_from, target, "seen", "run", entry_time(NOW + hours * HOUR))
    with closing(sqlite3.connect(world.settings.paths.desk)) as db, db:
        db.execute("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return str(account)


def user_changes(world: World) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(world.settings.paths.history)) as db:
        return db.execute("SELECT kind, record FROM change WHERE subject = 'user'").fetchall()


def test_a_run_after_the_correction_counts_over_users_a_quick_pull_took_over(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        pulled(world, 0, ahead=3)
        account = moved_by_a_run(world, 1)
        info = pulled(world, 2, tokens_only=True)
        assert info.oldest_at == NOW.timestamp()
        assert world.shown([account]) == world.on_server([account])
        pulled(world, 4)
        assert user_changes(world) == [("moved-by-us", account)]


def test_times_of_a_clock_that_was_right_stay_as_they_are(tmp_path: Path) -> None:
    def read_at(world: World) -> list[tuple[str]]:
        with closing(sqlite3.connect(world.settings.paths.snapshot)) as db:
            return db.execute("SELECT DISTINCT read_at FROM user WHERE tokens = 0").fetchall()

    with serve_world(tmp_path) as world:
        pulled(world, 0)
        before = read_at(world)
        pulled(world, 1, tokens_only=True)
        assert read_at(world) == before == [(entry_time(NOW),)]


def test_the_snapshot_says_how_wrong_its_clock_was_as_far_as_that_is_plausible(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        for hours, ahead, expected in ((0, 3, 10_800), (1, -2, -7_200), (2, 20 * 366 * 24, None)):
            assert pulled(world, hours, ahead).clock_ahead == expected
            assert snapshot_info(world.settings.paths.snapshot).clock_ahead == expected

"""A quick pull reads tokens, their owners and the owners' policies, and leaves all other users as they were."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.practice import organization, practice, settings_in
from tests.running.trouble import Trouble
from tests.running.world import World, serve_world
from tests.snapshot.broken_off import breaking, content, pull_into
from tokendesk.errors import ApiError
from tokendesk.running.pull import describe_pull
from tokendesk.snapshot.file import snapshot_info


def rows(world: World, sql: str) -> list[Any]:
    with closing(sqlite3.connect(world.settings.paths.snapshot)) as db:
        return db.execute(sql).fetchall()


def changes(world: World) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(world.settings.paths.history)) as db:
        return db.execute("SELECT kind, record FROM change WHERE subject = 'user'").fetchall()


def quick(world: World) -> None:
    pull_into(world.settings, world.access, clock=world.settings.now, tokens_only=True)


def test_it_makes_what_a_full_pull_makes_in_five_requests(tmp_path: Path) -> None:
    with breaking(organization()) as served:
        assert served.access
        access = served.access
        pull_into(tmp_path, access)
        snapshot = settings_in(tmp_path).paths.snapshot
        whole = content(snapshot)
        assert served.count(lambda: pull_into(tmp_path, access, tokens_only=True)) == 5
        assert content(snapshot) == whole
        assert not snapshot_info(snapshot).only_owners
        assert not settings_in(tmp_path).paths.work.parent.exists()


def test_the_first_one_has_the_owners(tmp_path: Path) -> None:
    snapshot = settings_in(tmp_path).paths.snapshot
    with practice(organization()) as access:
        for _ in range(2):
            pull_into(tmp_path, access, tokens_only=True)
            info = snapshot_info(snapshot)
            assert info.only_owners
            assert "users (owners of tokens only)" in describe_pull(info)
            with closing(sqlite3.connect(snapshot)) as db:
                owners = db.execute("SELECT count(DISTINCT owner_id) FROM token").fetchone()[0]
            assert (info.tokens, info.users, info.policies_unknown) == (82, owners, 0)
        pull_into(tmp_path, access)
        assert not snapshot_info(snapshot).only_owners
        assert snapshot_info(snapshot).users == 1204


def test_it_says_nothing_about_users_it_did_not_read(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        world.pull_now()
        before = snapshot_info(world.settings.paths.snapshot)
        plan = world.move("tokens:1.. policy:default status:active", "Integrations", 2)
        world.apply(plan)
        moved = [row.record for row in plan.rows_to_do]
        (without,) = rows(
            world,
            "SELECT account_id, policy_id, read_at FROM user JOIN policy ON policy.id = user.policy"
            " WHERE user.tokens = 0 LIMIT 1",
        )
        index = world.made.accounts.find_id(without[0])
        assert index is not None
        other = next(policy.id for policy in world.made.policies if policy.id != without[1])
        world.made.move(index, other)
        quick(world)
        assert sorted(changes(world)) == sorted(("moved-by-us", each) for each in moved)
        assert world.shown(moved) == world.on_server(moved)
        kept = (
            "SELECT policy_id, read_at FROM user JOIN policy ON policy.id = user.policy"
            f" WHERE account_id = '{without[0]}'"
        )
        assert rows(world, kept) == [without[1:]]
        info = snapshot_info(world.settings.paths.snapshot)
        assert info.oldest_at <= before.pulled_at
        world.pull_now()
        assert ("moved", without[0]) in changes(world)


def test_a_server_that_does_not_find_users_by_id_keeps_the_old_snapshot(tmp_path: Path) -> None:
    trouble = Trouble(lambda line, number: 400 if line == "POST search" else None)
    with serve_world(tmp_path, wrap=trouble) as world:
        before = world.settings.paths.snapshot.read_bytes()
        with pytest.raises(ApiError, match="Pull everything: tokendesk pull"):
            quick(world)
        assert world.settings.paths.snapshot.read_bytes() == before


def test_it_leaves_a_pull_that_broke_off(tmp_path: Path) -> None:
    with breaking(organization()) as served:
        access = served.access
        assert access
        served.refuse(tmp_path, 16)
        assert pull_into(tmp_path, access, tokens_only=True) == []
        (said,) = pull_into(tmp_path, access)
        assert said.startswith("Going on with")

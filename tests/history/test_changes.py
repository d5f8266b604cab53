"""Changes between two pulls, over real HTTP, in an organization whose clock moves."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.history.world import World, access_to
from tokendesk.errors import Refused
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.sandbox.serve import serving
from tokendesk.snapshot.file import snapshot_info


def listed_credentials(world: World, *, only_used: bool = False) -> list[str]:
    """Return the ids of the keys, tokens of service accounts and OAuth clients there are now."""
    made, now = world.made.credentials, world.second()
    return [
        series.id(life.number)
        for series in (made.keys, made.tokens, made.clients)
        for _, life in series.listed(now)
        if not only_used or series.last_use(life, now) is not None
    ]


async def test_a_first_pull_observes_and_an_unchanged_one_writes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        seen = world.observations()
        used = [life for _, life in world.made.living() if world.made.last_use_in(life, world.second())]
        assert len(used) == 73  # nine of the 82 were never used
        assert seen == 73 + len(listed_credentials(world, only_used=True))
        await world.pull(access_to(address))
    assert world.changes() == []
    assert world.observations() == seen


async def test_every_kind_of_change_is_found_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    made = world.made
    with serving(made) as (address, _):
        await world.pull(access_to(address))
        living = [made.token(life) for _, life in made.living()]
        revoked = living[0]
        made.revoke(revoked.id)
        default, integrations, *_ = (policy.id for policy in made.policies)
        mover = next(token.owner for token in living[1:] if made.policy_of(token.owner) == default)
        made.move(mover, integrations)
        made.touched()
        await world.pull(access_to(address))
        kinds = Counter(row["kind"] for row in world.changes())
        assert kinds["gone"] == 1
        assert kinds["moved"] == 1
        gone = next(row for row in world.changes() if row["kind"] == "gone")
        assert (gone["record"], gone["label"]) == (revoked.id, revoked.label)
        moved = next(row for row in world.changes() if row["kind"] == "moved")
        assert (moved["before"], moved["after"]) == (default, integrations)

        made.set_blocking(default, True)
        await world.pull(access_to(address))
        blocked = [row for row in world.changes() if row["kind"] == "status"]
        in_default = sum(made.policy_of(made.token(life).owner) == default for _, life in made.living())
        assert len(blocked) == in_default
        assert {(row["before"], row["after"]) for row in blocked} == {("ALLOWED", "BLOCKED")}

        before = len(world.changes())
        await world.pull(access_to(address))
        assert len(world.changes()) == before


async def test_time_brings_new_tokens_takes_old_ones_and_adds_uses(tmp_path: Path) -> None:
    world = World(tmp_path)
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        then = {world.made.token(life).id for _, life in world.made.living()}
        before = listed_credentials(world)
        seen = world.observations()
        world.later(days=60)
        await world.pull(access_to(address))
        now = {world.made.token(life).id for _, life in world.made.living()}
        credentials = listed_credentials(world)
    kinds = Counter((row["subject"], row["kind"]) for row in world.changes())
    assert kinds["token", "created"] == len(now - then) > 0
    assert kinds["token", "expired"] + kinds["token", "gone"] == len(then - now) > 0
    assert kinds["credential", "created"] == len(set(credentials) - set(before)) > 0
    assert kinds["credential", "expired"] == len(set(before) - set(credentials)) > 0
    assert world.observations() > seen


async def test_a_pull_that_never_completed_is_ignored_for_good(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 20)
    paths = world.settings.paths
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        record_pull(paths.history, paths.snapshot, None, org_id=address.org_id, pull_id="lost", at=1, idle_days=90)
        seen = world.observations()
        world.later(days=30)
        await world.pull(access_to(address))
        completed = {row["kind"] for row in world.changes()}
        assert completed
        assert world.observations() > seen
    db = sqlite3.connect(paths.history)
    assert db.execute("SELECT 1 FROM completed WHERE pull_id = 'lost'").fetchone() is None
    db.close()


async def test_a_crash_between_the_rename_and_the_mark_is_settled(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 20)
    paths = world.settings.paths
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        world.later(days=60)
        await world.pull(access_to(address))
    whole = len(world.changes())
    assert whole
    newest = snapshot_info(paths.snapshot).pull_id
    db = sqlite3.connect(paths.history)
    db.execute("DELETE FROM completed WHERE pull_id = ?", (newest,))
    db.commit()
    db.close()
    assert world.changes() == []
    complete_pull(paths.history, newest)
    assert len(world.changes()) == whole


async def test_a_deleted_cache_repeats_no_observation(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 20)
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        seen = world.observations()
        world.settings.paths.snapshot.unlink()
        await world.pull(access_to(address))
    assert world.observations() == seen
    assert world.changes() == []


async def test_a_second_pull_at_the_same_time_is_told_who_runs(tmp_path: Path) -> None:
    from filelock import FileLock

    world = World(tmp_path, 60, 20)
    world.settings.paths.cache.mkdir(parents=True)
    with (
        serving(world.made) as (address, _),
        FileLock(world.settings.paths.cache / "pull.lock"),
        pytest.raises(Refused, match="Another pull"),
    ):
        await world.pull(access_to(address))

"""An interrupted pull is continued: the same snapshot, and nothing is read twice but tokens."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.database import database
from tests.needs import needs_modes
from tests.practice import NOW, organization, settings_in
from tests.running.trouble import Trouble
from tests.running.world import World, serve_world
from tests.snapshot.broken_off import Breaking, breaking, content, pull_into
from tests.snapshot.older_formats import set_back
from tokendesk.config import load_settings
from tokendesk.errors import KeyRefused, UsageError
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.snapshot.file import snapshot_info
from tokendesk.views.saved_snapshot import open_saved_snapshot

USERS, TOKENS = 1_400, 200
IN_FLIGHT = 17
"""Requests that may have to be sent twice: totals, a page of tokens, lists of credentials, and what was in flight."""


@pytest.fixture(scope="module")
def served() -> Iterator[Breaking]:
    with breaking(organization(USERS, TOKENS)) as found:
        yield found


@pytest.fixture(scope="module")
def access(served: Breaking) -> ApiAccess:
    assert served.access
    return served.access


@pytest.fixture(scope="module")
def one_piece(served: Breaking, access: ApiAccess, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A snapshot pulled in one piece, and its number of requests."""
    home = tmp_path_factory.mktemp("whole")
    count = served.count(lambda: pull_into(home, access))
    return settings_in(home).paths.snapshot, count


@pytest.mark.parametrize("how", ["refuse", "refuse", "refuse", "refuse", "refuse", "kill", "kill", "kill"])
def test_the_parts_of_a_pull_make_what_one_piece_makes(
    how: str, served: Breaking, access: ApiAccess, one_piece: tuple[Path, int], tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    snapshot, count = one_piece
    at = random.Random(request.node.name).randrange(2, count)
    first = getattr(served, how)(tmp_path, at)
    left = settings_in(tmp_path).paths.snapshot
    assert not left.exists() or snapshot_info(left).only_owners
    second = served.count(lambda: pull_into(tmp_path, access))
    assert content(settings_in(tmp_path).paths.snapshot) == content(snapshot)
    assert first + second <= count + IN_FLIGHT
    assert not settings_in(tmp_path).paths.work.parent.exists()


def test_a_pull_broken_off_again_and_again_ends_all_the_same(
    served: Breaking, access: ApiAccess, one_piece: tuple[Path, int], tmp_path: Path
) -> None:
    for _ in range(3):
        served.refuse(tmp_path, 11)
    pull_into(tmp_path, access)
    assert content(settings_in(tmp_path).paths.snapshot) == content(one_piece[0])


def test_it_says_what_it_took_over(served: Breaking, access: ApiAccess, tmp_path: Path) -> None:
    served.refuse(tmp_path, 22)
    (said,) = pull_into(tmp_path, access)
    assert said.startswith("Continuing the pull of ")
    assert f" of {USERS:,} users and " in said
    assert said.endswith("kept.")
    assert pull_into(tmp_path, access) == []


@contextmanager
def interrupted(home: Path) -> Iterator[tuple[World, Trouble]]:
    """A served organization whose pull was interrupted; the next one succeeds."""
    trouble = Trouble(lambda line, number: 401 if line == "POST search" and number > 10 else None)
    with serve_world(home, wrap=trouble) as world:
        with pytest.raises(KeyRefused):
            world.pull_now()
        trouble.rule = lambda line, number: None
        yield world, trouble


def test_a_user_moved_between_the_parts_is_asked_again(tmp_path: Path) -> None:
    with interrupted(tmp_path) as (world, trouble):
        plan = world.move("policy:default status:active", "Integrations", 20)
        world.apply(plan)
        moved = {row.record for row in plan.rows_to_do}
        trouble.counts.clear()
        world.pull_now()
        assert trouble.counts["POST search"] < 5
        db = sqlite3.connect(world.settings.paths.snapshot)
        found = dict(db.execute("SELECT account_id, policy_id FROM user JOIN policy ON policy.id = user.policy"))
        db.close()
        assert {found[account_id] for account_id in moved} == {world.policy("Integrations")}


def test_what_runs_did_and_the_age_go_by_the_time_of_each_part(tmp_path: Path) -> None:
    """A colleague moved one of the users on before they were read: the snapshot is newer than the run."""
    with interrupted(tmp_path) as (world, _):
        plan = world.move("policy:default status:active", "Integrations", 3)
        world.apply(plan)
        moved = [row.record for row in plan.rows_to_do]
        index = world.made.accounts.find_id(moved[0])
        assert index is not None
        world.made.move(index, world.policy("Default"))
        world.pull_now()
        assert world.shown(moved) == world.on_server(moved)
        assert world.shown(moved)[moved[0]] == world.policy("Default")
        info = snapshot_info(world.settings.paths.snapshot)
        assert info.oldest_at <= info.pulled_at
        with closing(sqlite3.connect(world.settings.paths.history)) as db:
            kinds = db.execute(f"SELECT DISTINCT kind FROM change WHERE record IN {tuple(moved[1:])}").fetchall()
        assert kinds == [("moved-by-us",)]


def test_users_whose_lookup_failed_are_asked_again(
    served: Breaking, access: ApiAccess, one_piece: tuple[Path, int], tmp_path: Path
) -> None:
    failed, unnamed = "Atlassian returned HTTP 500 for this user", "Atlassian did not name a policy"
    served.refuse(tmp_path, 22)
    with database(settings_in(tmp_path).paths.work) as db:
        known = "SELECT account_id FROM membership WHERE policy_id IS NOT NULL ORDER BY 1"
        users = [account_id for (account_id,) in db.execute(known)]
        assert len(users) > 300
        change = "UPDATE membership SET policy_id = NULL, policy_name = NULL, problem = ? WHERE account_id = ?"
        db.executemany(change, [(failed, each) for each in users[:5]] + [(unnamed, each) for each in users[5:8]])
    (said,) = pull_into(tmp_path, access)
    assert f"the policies of {len(users) - 5:,} are kept" in said
    snapshot = settings_in(tmp_path).paths.snapshot
    with database(snapshot) as db:
        rows = db.execute("SELECT account_id, extra FROM user WHERE policy IS NULL ORDER BY 1").fetchall()
    assert [account_id for account_id, _ in rows] == users[5:8]
    assert all(unnamed in extra for _, extra in rows)
    info, whole = snapshot_info(snapshot), snapshot_info(one_piece[0])
    assert (info.policies_unknown, info.policies_unknown_why) == (3, unnamed)
    assert (info.users, info.policies) == (whole.users, whole.policies)


def test_the_age_is_that_of_the_oldest_part(served: Breaking, access: ApiAccess, tmp_path: Path) -> None:
    paths = settings_in(tmp_path).paths
    served.refuse(tmp_path, 22)
    pull_into(tmp_path, access, clock=lambda: NOW + timedelta(hours=2))
    info = snapshot_info(paths.snapshot)
    assert info.pulled_at - info.oldest_at == 7_200
    with closing(sqlite3.connect(paths.snapshot)) as db:
        times = db.execute("SELECT DISTINCT read_at FROM user ORDER BY 1").fetchall()
    assert times == [("2026-11-23T09:00:00.000000Z",), ("2026-11-23T11:00:00.000000Z",)]
    pull_into(tmp_path, access)
    info = snapshot_info(paths.snapshot)
    assert info.pulled_at == info.oldest_at


@pytest.mark.parametrize("version", [2, 3])
def test_a_snapshot_of_an_older_format_is_read(tmp_path: Path, version: int) -> None:
    with serve_world(tmp_path) as world:
        plan = world.move("policy:default status:active", "Integrations", 3)
        moved = [row.record for row in plan.rows_to_do]
        set_back(world.settings.paths.snapshot, version)
        world.apply(plan)
        assert world.shown(moved) == world.on_server(moved)
        saved = tmp_path / "saved.sqlite"
        save_snapshot(world.settings.paths, saved, with_notes=True, at=NOW)
        open_saved_snapshot(world.settings.paths, saved)


def begun(home: Path) -> str:
    """Return the id of the work file: its salt."""
    db = sqlite3.connect(settings_in(home).paths.work)
    found: str = db.execute("SELECT value FROM state WHERE name = 'salt'").fetchone()[0]
    db.close()
    return found


def test_nothing_is_taken_over_from_another_key_organization_or_time(
    served: Breaking, access: ApiAccess, tmp_path: Path
) -> None:
    never = settings_in(tmp_path)._replace(resume_within=timedelta())
    changed = access.key.reveal() + "x"
    other_key = ApiAccess(access.api_url, access.org_id, Secret(changed))
    others: list[Callable[[], object]] = [
        lambda: pull_into(tmp_path, other_key),
        lambda: pull_into(tmp_path, ApiAccess(access.api_url + "/", access.org_id, access.key)),
        lambda: pull_into(tmp_path, access, clock=lambda: NOW + timedelta(hours=6)),
        lambda: pull_into(tmp_path, access, clock=lambda: NOW - timedelta(hours=1)),
        lambda: pull_into(tmp_path, access, fresh=True),
        lambda: pull_into(never, access),
    ]
    for pull in others:
        served.refuse(tmp_path, 22)
        before = begun(tmp_path)
        served.asked.clear()
        served.at = 1
        with pytest.raises((KeyRefused, UsageError)):
            pull()
        served.at = None
        assert begun(tmp_path) != before


@needs_modes
def test_the_work_file_is_for_its_owner_only_and_has_no_key(
    served: Breaking, access: ApiAccess, tmp_path: Path
) -> None:
    served.refuse(tmp_path, 22)
    for path in settings_in(tmp_path).paths.work.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert access.key.reveal().encode() not in path.read_bytes()


def corrupt(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192] + b"\xff" * 8192 + path.read_bytes()[16384:])


def newer(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()


def other_tables(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE arrived_user")
    db.close()


def edited(place: str) -> Callable[[Path], object]:
    def edit(path: Path) -> None:
        with database(path) as db:
            db.execute("UPDATE state SET value = ? WHERE name = 'users_place'", (place,))

    return edit


@pytest.mark.parametrize(
    "damage",
    [
        corrupt, newer, other_tables, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"x" * 5_000),
        edited("x"), edited("[true]"), edited("[true, 5]"),
    ],
)  # fmt: skip
def test_a_damaged_work_file_counts_as_none(
    damage: Callable[[Path], object], served: Breaking, access: ApiAccess, one_piece: tuple[Path, int], tmp_path: Path
) -> None:
    served.refuse(tmp_path, 22)
    work = settings_in(tmp_path).paths.work
    db = sqlite3.connect(work)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    damage(work)
    assert pull_into(tmp_path, access) == []
    assert content(settings_in(tmp_path).paths.snapshot) == content(one_piece[0])


def test_a_refused_cursor_starts_the_users_again_and_keeps_the_policies(
    served: Breaking, access: ApiAccess, one_piece: tuple[Path, int], tmp_path: Path
) -> None:
    snapshot, count = one_piece
    served.refuse(tmp_path, 22)
    db = sqlite3.connect(settings_in(tmp_path).paths.work)
    (asked,) = db.execute("SELECT count(*) FROM membership").fetchone()
    db.execute("UPDATE state SET value = '[true, \"long ago\"]' WHERE name = 'users_place'")
    db.commit()
    db.close()
    assert asked > 300
    served.count(lambda: pull_into(tmp_path, access))
    lines = served.asked
    assert content(settings_in(tmp_path).paths.snapshot) == content(snapshot)
    assert lines.count("POST search") >= USERS / 100 + 1
    assert lines.count("POST bulk-fetch") <= count


@pytest.mark.parametrize("text", ["6", "1w", "8d", "-1h", "soon", "6H"])
def test_a_time_that_cannot_be_read_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[profiles.x]\nresume_within = "{text}"\n', "utf-8")
    with pytest.raises(UsageError, match="resume_within must be"):
        load_settings("x", {"TOKENDESK_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("text", "is_time"), [("0", timedelta()), ("30m", timedelta(minutes=30)), ("7d", timedelta(7))]
)
def test_times_to_go_on_within(text: str, is_time: timedelta, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[profiles.x]\nresume_within = "{text}"\n', "utf-8")
    assert load_settings("x", {"TOKENDESK_HOME": str(tmp_path)}).resume_within == is_time

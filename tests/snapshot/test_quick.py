"""A quick pull reads tokens, their owners and the owners' policies, and leaves all other users as they were."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.practice import organization, practice, settings_in
from tests.running.trouble import Trouble
from tests.running.world import World, serve_world
from tests.snapshot.broken_off import breaking, content, pull_into
from tests.snapshot.held_back import HeldBack
from tokendesk.errors import ApiError, KeyRefused, UsageError
from tokendesk.model.timestamps import day_and_time
from tokendesk.running.pull import describe_pull
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info
from tokendesk.views.planning import move_users, planner


class Directory:
    """Wraps an organization: some of its users left, some are closed, and it may add one that was not asked for."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.closed: set[str] = set()
        self.adds_others = False

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def changed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].endswith("/users/search"):
                await app(scope, receive, send)
                return
            begun: list[Message] = []
            body = b""

            async def collect(message: Message) -> None:
                nonlocal body
                if message["type"] == "http.response.start":
                    begun.append(message)
                else:
                    body += message.get("body", b"")

            await app(scope, receive, collect)
            answer = self._changed(json.loads(body))
            await JSONResponse(answer, begun[0]["status"])(scope, receive, send)

        return changed

    def _changed(self, answer: Any) -> Any:
        users = [user for user in answer["data"] if user["accountId"] not in self.gone]
        for user in users:
            if user["accountId"] in self.closed:
                user["accountStatus"] = "closed"
        if self.adds_others and users:
            users.append({**users[0], "accountId": "somebody-else"})
        return {**answer, "data": users}


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
    paths = settings_in(tmp_path).paths
    with practice(organization()) as access:
        for _ in range(2):
            pull_into(tmp_path, access, tokens_only=True)
            info = snapshot_info(paths.snapshot)
            assert info.only_owners
            assert "users (owners of tokens only)" in describe_pull(info)
            with closing(sqlite3.connect(paths.snapshot)) as db:
                owners = db.execute("SELECT count(DISTINCT owner_id) FROM token").fetchone()[0]
            assert (info.tokens, info.users, info.policies_unknown) == (82, owners, 0)
        pull_into(tmp_path, access)
        assert not snapshot_info(paths.snapshot).only_owners
        assert snapshot_info(paths.snapshot).users == 1204


def test_what_a_pull_kept_is_said() -> None:
    info = SnapshotInfo("1", "org", "Acme", 7200, 1204, 82, 4, oldest_at=7200, tokens_at=7200)
    assert " 1,204 users, 4 policies." in describe_pull(info)
    kept = info._replace(oldest_at=3600)
    assert f" 1,204 users (the oldest read {day_and_time(3600)}), 4 policies." in describe_pull(kept)


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


def test_owners_who_left_or_were_closed_with_their_tokens_are_changes(tmp_path: Path) -> None:
    directory = Directory()
    with serve_world(tmp_path, wrap=directory) as world:
        world.pull_now()
        owners = rows(world, "SELECT account_id FROM user WHERE tokens AND account_status = 'active' LIMIT 2")
        (left,), (closed,) = owners
        for (token_id,) in rows(world, f"SELECT token_id FROM token WHERE owner_id IN ('{left}', '{closed}')"):
            world.made.revoke(token_id)
        directory.gone, directory.closed = {left}, {closed}
        quick(world)
        expected = [("deactivated", closed), ("user-gone", left)]
        assert sorted(changes(world)) == expected
        world.pull_now()
        assert sorted(changes(world)) == expected


def test_a_server_that_ignores_the_ids_keeps_the_old_snapshot(tmp_path: Path) -> None:
    directory = Directory()
    with serve_world(tmp_path, wrap=directory) as world:
        world.pull_now()
        before = world.settings.paths.snapshot.read_bytes()
        directory.adds_others = True
        with pytest.raises(ApiError, match="Pull everything: tokendesk pull"):
            quick(world)
        assert world.settings.paths.snapshot.read_bytes() == before


def test_a_move_of_ours_does_not_explain_later_moves_of_others(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        world.pull_now()
        plan = world.move("tokens:1.. policy:default status:active", "Integrations", 1)
        world.apply(plan)
        (moved,) = [row.record for row in plan.rows_to_do]
        index = world.made.accounts.find_id(moved)
        assert index is not None
        for day, policy in enumerate(("Integrations", "Default", "Integrations"), 1):
            world.made.move(index, world.policy(policy))
            later = world.settings.now() + timedelta(days=day)
            pull_into(world.settings, world.access, clock=lambda later=later: later, tokens_only=True)
        assert changes(world) == [("moved-by-us", moved), ("moved", moved), ("moved", moved)]


def damage(snapshot: Path) -> None:
    """Overwrite a part in the middle; the beginning can still be read."""
    size = snapshot.stat().st_size
    with snapshot.open("r+b") as file:
        file.seek(size // 5)
        file.write(b"\xa5" * (size // 3))
    assert snapshot_info(snapshot).users == 1204


def test_a_damaged_snapshot_is_replaced_by_a_full_pull_only(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        damage(world.settings.paths.snapshot)
        with pytest.raises(UsageError, match="Pull them, too: tokendesk pull"):
            quick(world)
        said = pull_into(world.settings, world.access)
        assert said == ["The previous snapshot was damaged, so this pull could not be compared with it."]
        quick(world)


def test_it_leaves_an_interrupted_pull(tmp_path: Path) -> None:
    with breaking(organization()) as served:
        access = served.access
        assert access
        served.refuse(tmp_path, 16)
        assert pull_into(tmp_path, access, tokens_only=True) == []
        (said,) = pull_into(tmp_path, access)
        assert said.startswith("Continuing the pull of ")


def test_a_continued_pull_takes_nobody_back_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first pull was interrupted; then a quick one saw an owner elsewhere, whom the first had read before."""
    held = HeldBack(refuses=True)
    with serve_world(tmp_path, wrap=held) as world:
        world.settings.paths.snapshot.unlink(missing_ok=True)

        async def on_part(_: SnapshotInfo) -> None:
            held.go_on.set()

        with pytest.raises(KeyRefused):
            pull_into(world.settings, world.access, clock=world.settings.now, on_part=on_part)
        assert world.settings.paths.work.is_file()
        ((owner, policy),) = rows(
            world,
            "SELECT account_id, policy_id FROM user JOIN policy ON policy.id = user.policy WHERE user.tokens LIMIT 1",
        )
        index = world.made.accounts.find_id(owner)
        assert index is not None
        other = next(each.id for each in world.made.policies if each.id != policy)
        world.made.move(index, other)
        later = world.settings.now() + timedelta(hours=1)
        replace, kept = Path.replace, list[str]()

        def noted(self: Path, target: Path) -> Path:
            if target.name == "current":
                question = f"SELECT policy_id FROM membership WHERE account_id = '{owner}'"
                with closing(sqlite3.connect(world.settings.paths.work)) as db:
                    kept.extend(row[0] for row in db.execute(question))
            return replace(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", noted)
            pull_into(world.settings, world.access, clock=lambda: later, tokens_only=True)
        assert kept == [other]  # also if the quick pull is killed as soon as it is seen
        assert changes(world) == [("moved", owner)]
        held.refuses = False
        said = pull_into(world.settings, world.access, clock=lambda: later)
        assert "Continuing" in said[0]
        assert world.shown([owner]) == {owner: other}
        assert changes(world) == [("moved", owner)]


def test_the_age_of_a_plan_is_that_of_its_users(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        world.pull_now()
        with world.reader() as reader:
            (owner,) = reader.db.execute("SELECT id FROM user WHERE tokens LIMIT 1").fetchone()
            (other,) = reader.db.execute("SELECT id FROM user WHERE tokens = 0 LIMIT 1").fetchone()
        first = world.settings.now()
        later = first + timedelta(days=3)
        pull_into(world.settings, world.access, clock=lambda: later, tokens_only=True)
        with world.reader() as reader:
            by = planner(world.settings, int(later.timestamp()))
            ages = [move_users(reader, [each], world.policy("Integrations"), by).pulled_at for each in (owner, other)]
        assert [age > first.timestamp() + 86_400 for age in ages] == [True, False]


def test_a_plan_says_that_users_without_tokens_are_missing(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        world.settings.paths.snapshot.unlink()
        pull_into(world.settings, world.access, tokens_only=True)
        plan = world.move("tokens:1..", "Integrations", 1)
        assert "users-unread" in {each.code for each in plan.warnings}
        world.pull_now()
        plan = world.move("tokens:1..", "Integrations", 1)
        assert "users-unread" not in {each.code for each in plan.warnings}

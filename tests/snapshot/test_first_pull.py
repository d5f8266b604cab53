"""A first pull shows tokens, owners and their policies before it has read all users."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.practice import NOW, organization, practice, serving_access, settings_in
from tests.snapshot.broken_off import content, pull_into
from tests.snapshot.held_back import HeldBack
from tokendesk.errors import KeyRefused
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import describe_pull, pull_profile
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info


def pull_in_parts(home: Path, access: ApiAccess, held: HeldBack | None = None) -> list[SnapshotInfo]:
    """Pull, and return what was shown before the end."""
    shown: list[SnapshotInfo] = []

    async def on_part(info: SnapshotInfo) -> None:
        assert snapshot_info(settings_in(home).paths.snapshot) == info
        shown.append(info)
        if held is not None:
            held.go_on.set()

    quiet: Any = lambda *_: None  # noqa: E731
    asyncio.run(pull_profile(settings_in(home), access, quiet, quiet, clock=lambda: NOW, on_part=on_part))
    return shown


def test_owners_are_shown_before_the_other_users(tmp_path: Path) -> None:
    held, home, other = HeldBack(), tmp_path / "parts", tmp_path / "whole"
    with serving_access(organization(), held) as access:
        (part,) = pull_in_parts(home, access, held)
        assert part.only_owners
        assert (part.tokens, part.policies_unknown, part.users_total) == (82, 0, 1204)
        assert part.users < 300
        assert part.unread_users == f"{part.users:,} of 1,204 users so far"
        assert "(owners of tokens only)" in describe_pull(part)
        assert held.lines["GET api-tokens"] == 2  # of users, and of service accounts
        assert len(held.asked) == 1204
        assert set(held.asked.values()) == {1}
    snapshot = settings_in(home).paths.snapshot
    info = snapshot_info(snapshot)
    assert (info.users, info.only_owners, info.unread_users) == (1204, False, "")
    with practice(organization()) as access:
        pull_into(other, access)
    assert {row[1:] for row in content(snapshot)["user"]} == {
        row[1:] for row in content(settings_in(other).paths.snapshot)["user"]
    }
    with closing(sqlite3.connect(settings_in(home).paths.history)) as db:
        assert db.execute("SELECT count(*) FROM pull").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM change").fetchone() == (0,)


def test_an_interrupted_first_pull_leaves_the_owners(tmp_path: Path) -> None:
    held = HeldBack(refuses=True)
    paths = settings_in(tmp_path).paths
    with serving_access(organization(), held) as access:
        with pytest.raises(KeyRefused):
            pull_in_parts(tmp_path, access, held)
        assert snapshot_info(paths.snapshot).only_owners
        held.refuses = False
        assert pull_in_parts(tmp_path, access) == []
    assert not snapshot_info(paths.snapshot).only_owners
    with closing(sqlite3.connect(paths.history)) as db:
        assert db.execute("SELECT count(*) FROM change").fetchone() == (0,)


def test_one_that_was_interrupted_before_the_owners_shows_them_when_it_is_continued(tmp_path: Path) -> None:
    held = HeldBack(refuses=True, finds_by_id=False)
    held.go_on.set()
    paths = settings_in(tmp_path).paths
    with serving_access(organization(), held) as access:
        with pytest.raises(KeyRefused):
            pull_in_parts(tmp_path, access, held)
        assert paths.work.exists()
        assert not paths.snapshot.exists()
        held.refuses, held.finds_by_id = False, True
        held.go_on.clear()
        (part,) = pull_in_parts(tmp_path, access, held)
    assert part.only_owners
    assert (part.tokens, part.policies_unknown) == (82, 0)
    assert snapshot_info(paths.snapshot).users == 1204


def test_a_server_that_does_not_find_users_by_id_is_pulled_in_one_piece(tmp_path: Path) -> None:
    held = HeldBack(finds_by_id=False)
    held.go_on.set()
    with serving_access(organization(), held) as access:
        assert pull_in_parts(tmp_path, access) == []
    assert snapshot_info(settings_in(tmp_path).paths.snapshot).users == 1204

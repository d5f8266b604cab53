"""A pull gives a complete copy of the server's data, or keeps the old snapshot."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs_modes
from tests.practice import NOW, organization, practice, pull_quietly, settings_in
from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.snapshot.file import snapshot_info
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


async def test_a_pull_holds_what_the_organization_holds(tmp_path: Path) -> None:
    made = organization()
    settings = settings_in(tmp_path)
    with practice(made) as access:
        await pull_quietly(settings, access)
    now = int(NOW.timestamp())
    with Reader(settings.paths, Thresholds()) as reader:
        pane = reader.panes["tokens"]
        rows = reader.window(pane, reader.ids(Query("tokens"), now), now).values()
        tokens = {token.id: token for _, life in made.living() for token in [made.token(life)]}
        assert {row["token_id"] for row in rows} == set(tokens)
        for row in rows:
            token = tokens[row["token_id"]]
            used = made.last_use(token.number)
            assert (row["label"], row["created"], row["expires"]) == (token.label, token.created, token.expires)
            assert row["last_used"] == (int(used.timestamp()) if used else None)
            assert row["owner"] == made.person(token.owner).name
            assert row["policy_id"] == made.policy_of(token.owner)
        assert reader.count(reader.panes["users"]) == 1204
        policies = reader.window(reader.panes["policies"], reader.ids(Query("policies"), now), now).values()
        assert {row["policy_id"] for row in policies} == {policy.id for policy in made.policies}
        assert sum(row["users"] for row in policies) == 1204


def files(paths: ProfilePaths) -> list[str]:
    return sorted(path.name for path in paths.cache.iterdir())


@needs_modes
async def test_a_finished_snapshot_is_one_file_for_its_owner_only(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(50, 10)) as access:
        await pull_quietly(settings, access)
    assert settings.paths.snapshot.stat().st_mode & 0o077 == 0
    assert not [name for name in files(settings.paths) if name.startswith((".snapshot", "snapshot.sqlite-"))]


async def test_a_snapshot_reads_from_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(50, 10)) as access:
        await pull_quietly(settings, access)
    settings.paths.cache.chmod(0o500)
    try:
        with Reader(settings.paths, Thresholds()) as reader:
            assert len(reader.ids(Query("users"), int(NOW.timestamp()))) == 50
    finally:
        settings.paths.cache.chmod(0o700)


SCRIPT = """
import asyncio, sys
from pathlib import Path
from tests.practice import NOW, practice, organization, settings_in
from tokendesk.running.pull import pull_profile
async def main():
    with practice(organization(1204, 82)) as access:
        def report(progress):
            print(progress.what, flush=True)
        await pull_profile(settings_in(Path(sys.argv[1])), access, report, lambda *_: None, clock=lambda: NOW)
asyncio.run(main())
"""


@pytest.mark.parametrize("step", [1, 4, 8, 12, 16, "indexing"])
def test_a_killed_pull_leaves_a_whole_snapshot(tmp_path: Path, step: int | str) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(50, 10)) as access:
        asyncio.run(pull_quietly(settings, access))
    pull = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [".", *sys.path]))},
        start_new_session=True,
    )
    assert pull.stdout is not None
    for number, line in enumerate(pull.stdout, 1):
        if step in (number, line.decode().strip()):
            break
    else:
        pytest.fail("the pull was over before it could be killed")
    pull.kill()
    pull.wait()
    pull.stdout.close()
    assert snapshot_info(settings.paths.snapshot).users in (50, 1204)

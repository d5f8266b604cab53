"""Desk, screen and server agree on every user, whatever went wrong."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.running.crashes import Zygote
from tests.running.forgetful import Forgetful
from tests.running.trouble import Trouble
from tests.running.world import agree, serve_world
from tokendesk.errors import KeyRefused
from tokendesk.reporting.plan_file import save_plan
from tokendesk.sandbox.tasks import TaskSpeed

LATE = 600.0
"""Seconds after which a task that nobody asks about ends: longer than the test takes, less than a run waits."""


def test_a_thousand_users_with_everything_going_wrong(tmp_path: Path) -> None:
    """Unknown addresses, slow tasks, rate limits, an answer lost after the move was accepted, a key that expires."""
    expired = False

    def rule(line: str, number: int) -> int | str | None:
        if expired or (line == "GET task" and number > 40):
            return 401
        if line == "POST add-users" and number == 4:
            return "lost"
        if (line, number) in (("POST add-users", 2), ("GET task", 5), ("POST bulk-fetch", 31)):
            return 429
        return 502 if (line, number) == ("GET task", 9) else None

    trouble = Trouble(rule)
    with serve_world(tmp_path, 1204, 82, wrap=trouble, pace=TaskSpeed(2, 6, LATE), made=Forgetful) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 1000)
        assert len(plan.rows_to_do) >= 950
        assert isinstance(world.made, Forgetful)
        world.made.unknown = frozenset(row.email or "" for row in plan.rows_to_do[::37])
        with pytest.raises(KeyRefused):
            world.apply(plan)
        (run_id,) = [run["run_id"] for run in world.runs()]
        assert world.run(run_id)["state"] is None
        expired = True
        with pytest.raises(KeyRefused):
            world.settle()
        trouble.rule = lambda line, number: None
        posted = len(world.posts())
        assert world.settle() == [run_id]
        assert len(world.posts()) == posted
        outcomes = agree(world, run_id, plan)
        assert outcomes["moved"] > 500
        assert outcomes["not tried"] > 50
        assert outcomes["failed"] + outcomes["unknown"] >= 15
        reasons = {row["reason"] for row in world.rows(run_id).values() if row["outcome"] == "failed"}
        assert any("No managed account" in str(reason) for reason in reasons)
        emails = Counter(email for batch in world.posts() for email in batch)
        assert set(emails.values()) == {1}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with closing(Zygote()) as found:
        yield found


def test_killed_at_every_step_nothing_is_moved_twice_and_everything_agrees(tmp_path: Path, zygote: Zygote) -> None:
    """kill -9 between any two of the entries and requests of a run of two batches, over real HTTP."""
    with serve_world(tmp_path, 500, 40) as world:
        lived, at, outcomes = False, 0, Counter[str]()
        while not lived:
            at += 1
            plan = world.move("policy:default status:active -is:admin", "Integrations", 4)
            assert len(plan.rows_to_do) == 4
            file = tmp_path / "plan.json"
            save_plan(plan, file)
            before = {run["run_id"] for run in world.runs()}
            lived = zygote.run(
                plan=str(file), home=str(tmp_path), url=world.access.api_url, org=world.access.org_id, batch=2, at=at,
                key=world.access.key.reveal(), revoke_key=world.access.revoke_key and world.access.revoke_key.reveal(),
            )  # fmt: skip
            begun = [run["run_id"] for run in world.runs() if run["run_id"] not in before]
            broken = [run["run_id"] for run in world.runs() if run["state"] is None]
            assert world.settle() == broken
            assert broken in (begun, [])
            for run_id in begun:
                outcomes += agree(world, run_id, plan)
            assert at < 100
        emails = Counter(email for batch in world.posts() for email in batch)
        assert set(emails.values()) == {1}
        assert at > 15
        assert outcomes["moved"] > 25
        assert outcomes["not tried"] > 5

"""Killed at any step of recovery or giving up: the next start recovers, and nothing is sent."""

from pathlib import Path

import pytest

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.trouble import Trouble
from tests.running.world import agree, serve_world
from tokendesk.desk.entries import Desk
from tokendesk.running.apply import give_up_run

AWAKE = "policy:default status:active -is:admin"


def test_killed_at_every_step_of_setting_aside_settling_and_giving_up(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble, batch=2) as world:
        plan = world.move(AWAKE, "Integrations", 3)
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(plan)
        (run_id,) = [str(run["run_id"]) for run in world.runs()]

        def killed_at_each(step: str) -> int:
            for at in range(1, 40):
                try:
                    with at_each_event(countdown(at, raise_killed)):
                        world.settle() if step == "settle" else give_up_run(
                            world.settings, world.access, run_id, "enough"
                        )
                except Killed:
                    with Desk(world.settings.paths.desk) as desk:
                        asides = [entry for entry in desk.entries() if entry.kind == "run-set-aside"]
                    assert len(asides) <= 1
                else:
                    return at
            raise AssertionError("it never came to its end")

        trouble.rule = lambda line, number: 403 if line == "POST bulk-fetch" else None
        assert killed_at_each("settle") == 4  # asked, asked whether anything answers, set aside
        assert world.run(run_id)["state"] is None
        assert killed_at_each("give up") == 2
        assert world.run(run_id)["state"] == "given-up"
        assert sorted(str(row["outcome"]) for row in world.rows(run_id).values()) == ["not tried", "unknown", "unknown"]
        assert len(world.posts()) == 1

        trouble.rule = lambda line, number: None
        world.pull_now()
        again = world.move(AWAKE, "Contractors", 3)
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(again)
        posted = len(world.posts())
        (broken,) = {str(run["run_id"]) for run in world.runs()} - {run_id}
        assert killed_at_each("settle") > 3
        assert len(world.posts()) == posted
        assert agree(world, broken, again) == {"moved": 2, "not tried": 1}

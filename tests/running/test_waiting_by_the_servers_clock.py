"""Waits for moved users are measured by the clock that dates entries: the server's."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW
from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.world import serve_world
from tokendesk.desk.entries import Desk
from tokendesk.running.run_context import SEARCH_SECONDS

BEFORE_POST = 4
AN_HOUR = timedelta(hours=1)


def test_a_clock_that_is_ahead_does_not_end_the_search_at_once(tmp_path: Path) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with serve_world(tmp_path, 300, 40) as world:
        with Desk(world.settings.paths.desk, clock=lambda: NOW + AN_HOUR) as desk:
            desk.measure_clock(AN_HOUR.total_seconds())
        plan = world.move("policy:default status:active -is:admin", "Integrations", 1)
        with pytest.raises(Killed), at_each_event(countdown(BEFORE_POST, raise_killed)):
            world.apply(plan, clock=lambda: NOW + AN_HOUR)
        world.settle(sleep=sleep, clock=lambda: NOW + AN_HOUR)
        assert sum(slept) >= SEARCH_SECONDS

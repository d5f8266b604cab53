"""A network that loses requests and responses: every user is moved at most once, and the run finishes."""

from collections import Counter
from pathlib import Path

from tests.running.world import World, agree, serve_world
from tokendesk.running.run_context import SEARCH_SECONDS
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.tasks import TaskSpeed

FLAKY = ("lost-requests", "lost-answers")


def moves_of_each(world: World) -> Counter[str]:
    return Counter(email for batch in world.posts() for email in batch)


def test_a_thousand_users_are_moved_once_over_a_network_that_loses_three_in_ten(tmp_path: Path) -> None:
    """The waiting is counted, not done; a seed with which requests to move get lost before they arrive."""
    slept: list[float] = []
    with serve_world(tmp_path, 1500, 82, pace=TaskSpeed(1, 2, 40.0)) as world:
        plain = world.sandbox.handler
        world.sandbox.handler = with_faults(FLAKY, seed=6)(plain)

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await world.sleep(seconds)

        plan = world.move("policy:default status:active -is:admin", "Integrations", 1042)
        assert len(plan.rows_to_do) == 1040
        run_id = world.apply(plan, sleep=sleep)
        assert world.run(run_id)["state"] == "done"
        assert sum(slept) < SEARCH_SECONDS + 5 * 60
        outcomes = agree(world, run_id, plan)
        assert outcomes["moved"] + outcomes["unknown"] == 1040
        unknown = [row for row in world.rows(run_id).values() if row["outcome"] == "unknown"]
        assert {row["reason"] for row in unknown} == {"the response to the move was lost"}
        assert set(moves_of_each(world).values()) == {1}

        world.sandbox.handler = plain
        world.pull_now()
        rest = world.move("policy:default status:active -is:admin", "Integrations", 1042)
        assert {row["record"] for row in unknown} <= {row.record for row in rest.rows_to_do}
        agree(world, world.apply(rest), rest)
        moved = moves_of_each(world)
        assert set(moved.values()) == {1}
        assert len(moved) == 1040 + len(rest.rows_to_do) - len(unknown)

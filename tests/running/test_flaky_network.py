"""A network that loses requests and responses: every user is moved at most once, and the run finishes."""

from collections import Counter
from pathlib import Path

from tests.running.world import World, agree, world
from tokendesk.running.run_context import SEARCH_SECONDS
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.tasks import TaskSpeed

FLAKY = ("lost-requests", "lost-answers")


def moves_of_each(w: World) -> Counter[str]:
    return Counter(email for batch in w.posts() for email in batch)


def test_a_thousand_users_are_moved_once_over_a_network_that_loses_three_in_ten(tmp_path: Path) -> None:
    """The waiting is counted, not done; a seed with which requests to move get lost before they arrive."""
    slept: list[float] = []
    with world(tmp_path, 1500, 82, pace=TaskSpeed(1, 2, 40.0)) as w:
        plain = w.sandbox.handler
        w.sandbox.handler = with_faults(FLAKY, seed=6)(plain)

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await w.sleep(seconds)

        plan = w.move("policy:default status:active -is:admin", "Integrations", 1042)
        assert len(plan.rows_to_do) == 1040
        run_id = w.apply(plan, sleep=sleep)
        assert w.run(run_id)["state"] == "done"
        assert sum(slept) < SEARCH_SECONDS + 5 * 60
        outcomes = agree(w, run_id, plan)
        assert outcomes["moved"] + outcomes["unknown"] == 1040
        unknown = [row for row in w.rows(run_id).values() if row["outcome"] == "unknown"]
        assert {row["reason"] for row in unknown} == {"the response to the move was lost"}
        assert set(moves_of_each(w).values()) == {1}

        w.sandbox.handler = plain
        w.pull_now()
        rest = w.move("policy:default status:active -is:admin", "Integrations", 1042)
        assert {row["record"] for row in unknown} <= {row.record for row in rest.rows_to_do}
        agree(w, w.apply(rest), rest)
        moved = moves_of_each(w)
        assert set(moved.values()) == {1}
        assert len(moved) == 1040 + len(rest.rows_to_do) - len(unknown)

"""HTTP 404 during a move: a wait once it is under way, and a message with the likely cause."""

from pathlib import Path

import pytest

from tests.running.trouble import Trouble
from tests.running.world import agree, serve_world
from tokendesk.sandbox.faults import with_faults


@pytest.mark.parametrize("how_many", [3, 30])
def test_a_404_while_users_are_looked_for_after_a_move_is_waited_out(how_many: int, tmp_path: Path) -> None:
    """The answer to the move is lost, so only where the users turn up tells; at first none of them is found."""
    faults = with_faults(["dropped-after-accept", "404-after-move"])
    with serve_world(tmp_path, 300, 40, wrap=faults) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", how_many)
        run_id = world.apply(plan)
        assert agree(world, run_id, plan)["moved"] == how_many
        assert len(world.posts()) == 1


@pytest.mark.parametrize("how_many", [3, 30])
def test_users_whom_nobody_finds_afterwards_end_no_run(how_many: int, tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", how_many)
        trouble.rule = lambda line, number: 404 if line == "POST bulk-fetch" and trouble.counts["GET task"] else None
        run_id = world.apply(plan)
        assert world.run(run_id)["state"] == "done"
        rows = world.rows(run_id)
        assert {rows[row.record]["outcome"] for row in plan.rows_to_do} == {"moved"}
        assert {rows[row.record]["found_id"] for row in plan.rows_to_do} == {None}


def test_a_move_into_a_policy_that_is_not_there_names_its_id(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40, wrap=with_faults(["404-policy-id"])) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        run_id = world.apply(plan)
        words = world.run(run_id)["words"]
        assert f"the policy {world.policy('Integrations')} no longer exists" in words
        assert "organization id" not in words


def test_a_user_who_is_not_found_before_a_move_is_left_alone_with_the_reason(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40, wrap=with_faults(["404-policies"])) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        rows = world.rows(world.apply(plan))
        reasons = {rows[row.record]["reason"] for row in plan.rows_to_do}
        assert reasons == {"its policy is unknown now: Atlassian returned HTTP 404 for this user"}
        assert world.posts() == []

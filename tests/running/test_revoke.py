"""Revocations: one token at a time, checked before and after, and never more than was reviewed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.trouble import Trouble
from tests.running.world import World, serve_world
from tokendesk.errors import Refused


def living(world: World) -> set[str]:
    return {world.made.tokens.id(life.number) for _, life in world.made.living()}


def test_only_the_tokens_of_the_plan_are_revoked_and_the_snapshot_knows(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        before = living(world)
        plan = world.revoke("idle:>90d owner.status:active", 4)
        run_id = world.apply(plan)
        meant = {row.record for row in plan.rows_to_do}
        assert before - living(world) == meant
        assert {row["outcome"] for row in world.rows(run_id).values()} == {"revoked"}
        with world.reader() as reader:
            shown = reader.db.execute("SELECT token_id FROM token_row WHERE status = 'REVOKED'")
            assert {row[0] for row in shown} == meant
        assert {row.outcome for row in world.revoke("status:revoked").rows} == {"there"}
        deletes = [asked for asked in world.sandbox.log if asked.method == "DELETE"]
        assert {asked.path.rsplit("/", 1)[-1] for asked in deletes} == meant
        assert all(asked.path.startswith("/users/") for asked in deletes)


def test_more_than_a_run_may_revoke_is_refused(tmp_path: Path) -> None:
    with serve_world(tmp_path, most_revocations=3) as world:
        before = living(world)
        with pytest.raises(Refused, match="at most 3 tokens"):
            world.apply(world.revoke("", 4))
        assert living(world) == before


def test_a_key_with_scopes_stops_after_three_refusals_and_says_which_key_is_needed(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        before = living(world)
        world.access = replace(world.access, revoke_key=None)
        run_id = world.apply(world.revoke("", 6))
        rows = sorted(str(row["outcome"]) for row in world.rows(run_id).values())
        assert rows == ["failed"] * 3 + ["not tried"] * 3
        assert "needs an API key without scopes" in world.run(run_id)["words"]
        assert world.run(run_id)["state"] == "stopped"
        assert living(world) == before


def rule(status: int | str, *lines: str) -> Callable[[str, int], int | str | None]:
    return lambda line, number: status if any(line.startswith(start) for start in lines) else None


def test_a_token_that_is_gone_already_is_said_to_be_gone(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        plan = world.revoke("owner.status:active", 2)
        world.made.revoke(plan.rows_to_do[0].record)
        run_id = world.apply(plan)
        assert world.rows(run_id)[plan.rows_to_do[0].record]["outcome"] == "gone"
        assert world.rows(run_id)[plan.rows_to_do[1].record]["outcome"] == "revoked"


def test_a_list_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, wrap=trouble) as world:
        before = living(world)
        trouble.rule = rule(404, "GET api-tokens")
        run_id = world.apply(world.revoke("", 2))
        assert {row["outcome"] for row in world.rows(run_id).values()} == {"unchecked"}
        assert living(world) == before


def test_a_deletion_whose_answer_is_lost_is_looked_for_and_not_sent_again(tmp_path: Path) -> None:
    trouble = Trouble(rule("lost", "DELETE"))
    with serve_world(tmp_path, wrap=trouble) as world:
        plan = world.revoke("", 2)
        run_id = world.apply(plan)
        assert {row["outcome"] for row in world.rows(run_id).values()} == {"revoked"}
        assert sum(count for line, count in trouble.counts.items() if line.startswith("DELETE")) == 2


def test_revocations_that_break_off_anywhere_are_settled_by_looking(tmp_path: Path) -> None:
    with serve_world(tmp_path, 1204, 82) as world:
        lived, at = False, 0
        while not lived:
            at += 1
            plan = world.revoke("-status:revoked", 2)
            before, asked = living(world), len(world.sandbox.log)
            try:
                with at_each_event(countdown(at, raise_killed)):
                    world.apply(plan)
                lived = True
            except Killed:
                pass
            sent = [a.path for a in list(world.sandbox.log)[asked:] if a.method == "DELETE"]
            settled = world.settle()
            assert len(sent) == len(set(sent)) == sum(a.method == "DELETE" for a in list(world.sandbox.log)[asked:])
            gone = before - living(world)
            for run_id in settled:
                rows = world.rows(run_id)
                assert {record for record, row in rows.items() if row["outcome"] == "revoked"} == gone
            assert at < 40
        assert at > 10

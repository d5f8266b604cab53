"""Runs against a vague, slow or wrong server: nothing is reported as done unless it is, and nothing done is lost."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.forgetful import Forgetful
from tests.running.rewriting import Answered, Rewriting
from tests.running.trouble import Trouble
from tests.running.world import PRESENT, World, agree, serve_world
from tokendesk.errors import KeyRefused
from tokendesk.model.plan import Plan
from tokendesk.paths import profile_paths
from tokendesk.running.run_context import RunProgress
from tokendesk.views.journal import run_page
from tokendesk.views.planning import planner
from tokendesk.views.undo import undo_plan


def undo(world: World, run_id: str) -> Plan:
    with world.reader() as reader:
        return undo_plan(reader, run_id, planner(world.settings, PRESENT))


def page(world: World, run_id: str) -> Any:
    with world.reader() as reader:
        found = run_page(reader, run_id)
    assert found
    return found


def test_an_undo_that_changed_nothing_took_nothing_back(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble) as world:
        run_id = world.apply(world.move("policy:default status:active", "Integrations", 3))
        trouble.rule = lambda line, number: 403 if line == "POST add-users" else None
        again = world.apply(undo(world, run_id))
        assert {row["outcome"] for row in world.rows(again).values()} == {"failed"}
        assert page(world, run_id).facts["undone_by"] is None
        trouble.rule = lambda line, number: None
        third = world.apply(undo(world, run_id))
        assert page(world, run_id).facts["undone_by"] == third


def test_a_move_nobody_could_verify_is_still_known_and_taken_back(tmp_path: Path) -> None:
    moved = False

    def rule(line: str, answered: Answered) -> Answered:
        nonlocal moved
        moved = moved or line == "POST add-users"
        return (200, [], b"[]") if moved and line == "POST bulk-fetch" else answered

    rewriting = Rewriting(rule)
    with serve_world(tmp_path, 300, 40, wrap=rewriting) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        run_id = world.apply(plan)
        records = [row.record for row in plan.rows_to_do]
        assert {world.rows(run_id)[record]["outcome"] for record in records} == {"moved"}
        assert world.shown(records) == world.on_server(records)
        assert undo(world, run_id).count("do") == 3
        assert {row.outcome_text for row in page(world, run_id).rows} == {"moved, not verified yet"}


def test_users_of_a_policy_that_stands_empty_and_nameless_are_brought_back(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as made:
        world = replace(
            made, settings=made.settings._replace(paths=profile_paths("new", {"TOKENDESK_HOME": str(tmp_path)}))
        )
        world.pull()
        plan = world.move(f"policy.id:{world.policy('Executives')}", "Integrations")
        assert plan.count("do")
        run_id = world.apply(plan)
        world.pull_now()
        back = undo(world, run_id)
        assert back.count("do") == plan.count("do"), {row.reason for row in back.rows}


def test_a_run_taken_back_once_is_not_taken_back_again_with_what_another_run_did(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        first = world.apply(plan)
        world.apply(undo(world, first))
        world.apply(world.move("policy:default status:active -is:admin", "Integrations", 3))
        assert undo(world, first).count("do") == 0


def test_a_task_that_does_not_say_who_failed_condemns_nobody_who_is_late(tmp_path: Path) -> None:
    """One of three failed, nameless; where users are lags behind for a while."""
    before: list[bytes] = []

    def rule(line: str, answered: Answered) -> Answered:
        status, headers, body = answered
        if line == "GET task":
            return status, headers, json.dumps({**json.loads(body), "failureReasons": []}).encode()
        if line == "POST bulk-fetch":
            before.append(body)
            return status, headers, before[0] if len(before) < 3 else body
        return answered

    rewriting = Rewriting()
    with serve_world(tmp_path, 300, 40, wrap=rewriting, made=Forgetful) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        assert isinstance(world.made, Forgetful)
        world.made.unknown = frozenset([plan.rows_to_do[1].email or ""])
        rewriting.rule = rule
        run_id = world.apply(plan)
        assert dict(agree(world, run_id, plan)) == {"moved": 2, "failed": 1}
        assert world.rows(run_id)[plan.rows_to_do[1].record]["reason"] == "Atlassian did not say why"


def test_an_answer_that_cannot_be_unpacked_is_an_answer_that_was_lost(tmp_path: Path) -> None:
    def rule(line: str, answered: Answered) -> Answered:
        if line == "POST add-users":
            return 202, [(b"content-encoding", b"gzip")], b"not packed at all"
        return answered

    with serve_world(tmp_path, 300, 40, wrap=Rewriting(rule)) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        run_id = world.apply(plan)
        assert agree(world, run_id, plan)["moved"] == 3


def test_what_settles_an_earlier_run_is_not_told_as_the_run_that_was_asked_for(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble) as world:
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(world.move("policy:default status:active -is:admin", "Integrations", 3))
        told: list[RunProgress] = []
        trouble.rule = lambda line, number: 401
        with pytest.raises(KeyRefused):
            world.apply(world.move("policy:executives", "Contractors", 1), report=told.append)
        assert told
        assert {(progress.run_id, *progress.rows) for progress in told} == {("",)}


def test_a_revocation_of_an_account_that_is_gone_since_is_settled_and_blocks_nothing(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble) as world:
        plan = world.revoke("owner.status:active", 1)
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(plan)
        trouble.rule = lambda line, number: 404 if line == "GET api-tokens" else None
        (run_id,) = world.settle()
        assert {row["outcome"] for row in world.rows(run_id).values()} == {"unchecked"}
        world.apply(world.move("policy:default status:active -is:admin", "Integrations", 1))

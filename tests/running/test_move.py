"""Runs of moves over real HTTP: desk, screen and server agree on every user."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.practice import name_policies
from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.world import PRESENT, agree, serve_world
from tokendesk.desk.entries import Desk
from tokendesk.errors import Refused
from tokendesk.paths import profile_paths
from tokendesk.running.recover import unfinished_runs
from tokendesk.running.run_context import RunProgress
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.views.details import details
from tokendesk.views.query import Query


def test_a_run_moves_everybody_and_everything_says_so(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40, batch=50) as world:
        plan = world.move("policy:default status:active", "Integrations", 120)
        run_id = world.apply(plan)
        records = [row.record for row in plan.rows_to_do]
        assert len(records) == 120 - plan.count("refused")
        server = world.on_server(records)
        assert set(server.values()) == {world.policy("Integrations")}
        assert world.shown(records) == server
        rows = world.rows(run_id)
        assert {rows[r]["outcome"] for r in records} == {"moved"}
        assert {r: rows[r]["found_id"] for r in records} == server
        assert world.run(run_id)["state"] == "done"
        assert [len(batch) for batch in world.posts()] == [50, 50, len(records) - 100]


def test_the_journal_tells_what_was_done(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        plan = world.move("policy:default status:active", "Integrations", 30)
        run_id = world.apply(plan)
        with world.reader() as reader:
            (row_id,) = reader.ids(Query("journal", filter="policy:integrations is:ours"), PRESENT)
            row = reader.row("journal", row_id, PRESENT)
            assert row
            assert (row["run_id"], row["state"], row["good"], row["verified"]) == (
                run_id,
                "done",
                *[plan.count("do")] * 2,
            )
            shown = details(reader, "journal", row_id, PRESENT)
            name = plan.rows_to_do[3].name
            assert list(reader.ids(Query("journal", filter=f'user:"{name}"'), PRESENT)) == [row_id]
            assert list(reader.ids(Query("journal", filter="outcome:failed"), PRESENT)) == []
        assert shown
        assert shown.title == f"move {plan.count('do')} users to Integrations"
        assert {fact.value for fact in shown.page("Rows")[0].facts} == {"Default → Integrations · moved, verified"}


def test_a_run_is_cancelled_between_batches_and_says_what_was_not_tried(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40, batch=4) as world:
        plan = world.move("policy:default status:active", "Integrations", 12)
        asked = iter([False, False, True])
        run_id = world.apply(plan, cancelled=lambda: next(asked))
        assert world.run(run_id)["state"] == "cancelled"
        outcomes = Counter(row["outcome"] for row in world.rows(run_id).values() if row["planned"] == "do")
        assert outcomes == {"moved": 8, "not tried": len(plan.rows_to_do) - 8}
        agree(world, run_id, plan)


def test_two_terminals_do_not_change_one_organization_at_a_time(tmp_path: Path) -> None:
    """Another profile, in another home: the lock is the organization's."""
    with serve_world(tmp_path, 300, 40) as world:
        other = replace(
            world, settings=world.settings._replace(paths=profile_paths("other", {"TOKENDESK_HOME": f"{tmp_path}/2"}))
        )
        name_policies(other.settings, world.made)
        other.pull()
        plan = world.move("policy:default status:active", "Integrations", 3)
        theirs = other.move("policy:default status:active", "Contractors", 3)
        refused: list[Refused] = []

        def try_meanwhile(progress: RunProgress) -> None:
            if progress.batch and not refused:
                with ThreadPoolExecutor(1) as second, pytest.raises(Refused, match="active on this computer") as why:
                    second.submit(other.apply, theirs).result()
                refused.append(why.value)

        world.apply(plan, report=try_meanwhile)
        assert refused
        assert len(world.posts()) == 1
        other.apply(theirs)  # whose users are not where the plan has them any more
        assert len(world.posts()) == 1


def test_another_desks_unfinished_run_is_known_of_and_left_to_it(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        plan = world.move("policy:default status:active", "Integrations", 3)
        with pytest.raises(Killed), at_each_event(countdown(4, raise_killed)):
            world.apply(plan)
        with Desk(world.settings.paths.desk) as desk:
            entries = list(desk.entries())
        other = replace(
            world, settings=world.settings._replace(paths=profile_paths("other", {"TOKENDESK_HOME": f"{tmp_path}/2"}))
        )
        other.pull()
        with Desk(other.settings.paths.desk) as desk:
            desk.import_entries(entries)
            (run,) = unfinished_runs(desk)
        assert (run.is_ours, run.author) == (False, "admin")
        asked = len(world.sandbox.log)
        assert other.settle() == []
        assert len(world.sandbox.log) == asked
        assert world.settle() == [run.run_id]


def test_a_move_given_up_as_unknown_and_found_in_the_end_did_happen(tmp_path: Path) -> None:
    """Killed after the server took the batch over; it moves them just after the longest wait for it is over."""
    with serve_world(tmp_path, 300, 40, pace=TaskSpeed(1, 99, 910.0)) as world:
        plan = world.move("policy:default status:active -is:admin", "Integrations", 3)
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(plan)
        assert len(world.posts()) == 1
        (run_id,) = world.settle()
        rows = world.rows(run_id)
        assert {row["outcome"] for row in rows.values()} == {"moved"}
        assert {row["reason"] for row in rows.values()} == {"found in the new policy at the end"}
        assert agree(world, run_id, plan)["moved"] == 3
        assert len(world.posts()) == 1

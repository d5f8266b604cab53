"""A run that cannot be recovered is set aside and reported; others continue, and an admin gives it up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.rewriting import Answered, Rewriting
from tests.running.trouble import Trouble
from tests.running.world import PRESENT, World, agree, serve_world
from tokendesk.desk.entries import Desk
from tokendesk.errors import ApiError, Refused, TokendeskError, UsageError
from tokendesk.model.plan import Plan
from tokendesk.running.apply import give_up_run
from tokendesk.running.recover import UnfinishedRun
from tokendesk.running.run_context import SEARCH_SECONDS, RunProgress
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.views.journal import run_page
from tokendesk.views.run_view import run_view

AWAKE = "policy:default status:active -is:admin"
BEFORE_POST, AFTER_POST = 4, 5
"""Events of a run of one batch: begun, asked, intended, POST, accepted."""


class Denied:
    """Answers 403 to every bulk-fetch that asks about one of `records`."""

    def __init__(self) -> None:
        self.records: set[str] = set()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def denied(scope: Scope, receive: Receive, send: Send) -> None:
            body = b""
            while scope["type"] == "http":
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    break

            async def again() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            if scope["path"].endswith("bulk-fetch") and self.records & set(json.loads(body)["accountIds"]):
                await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"2")]})
                await send({"type": "http.response.body", "body": b"{}"})
            else:
                await app(scope, again, send)

        return denied


def broken_off(world: World, plan: Plan, at: int = AFTER_POST) -> str:
    with pytest.raises(Killed), at_each_event(countdown(at, raise_killed)):
        world.apply(plan)
    return str(world.runs()[-1]["run_id"])


def three_and_others(world: World) -> tuple[Plan, list[str]]:
    plan = world.move(AWAKE, "Integrations", 3)
    return plan, [row.record for row in plan.rows_to_do]


def told_by(world: World, **means: Any) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []

    def heard(run: UnfinishedRun, error: TokendeskError) -> None:
        told.append((run.run_id, str(error)))

    world.settle(on_set_aside=heard, **means)
    return told


def kinds(world: World) -> list[str]:
    with Desk(world.settings.paths.desk) as desk:
        return [entry.kind for entry in desk.entries()]


def test_a_run_that_cannot_be_settled_keeps_nobody_else_from_being_moved(tmp_path: Path) -> None:
    denied = Denied()
    with serve_world(tmp_path, 300, 40, wrap=denied) as world:
        plan, records = three_and_others(world)
        run_id = broken_off(world, plan)
        denied.records = set(records)
        (told,) = told_by(world)
        assert told[0] == run_id
        assert "this key has no permission" in told[1]
        assert world.run(run_id)["state"] is None
        told_by(world)
        assert kinds(world).count("run-set-aside") == 1  # the same reason once more says nothing new

        fresh = world.move(AWAKE, "Integrations", 6)
        refused = {row.record: row.reason for row in fresh.rows if row.outcome == "refused"}
        assert refused.keys() == set(records)
        assert f"what run {run_id[:8]} did to this user is not known" in next(iter(refused.values()))
        assert fresh.count("do") == 3
        assert agree(world, world.apply(fresh), fresh) == {"moved": 3}

        before = len(world.posts())
        with pytest.raises(Refused, match=f"has an unknown outcome for 3 users of the plan.*--give-up {run_id[:8]}"):
            world.apply(plan)
        assert len(world.posts()) == before


def test_a_run_that_was_set_aside_is_settled_once_it_can_be(tmp_path: Path) -> None:
    denied = Denied()
    with serve_world(tmp_path, 300, 40, wrap=denied) as world:
        plan, records = three_and_others(world)
        run_id = broken_off(world, plan)
        denied.records = set(records)
        told_by(world)
        denied.records = set()
        assert world.settle() == [run_id]
        assert agree(world, run_id, plan) == {"moved": 3}
        assert len(world.posts()) == 1


def test_a_person_gives_up_a_run_and_whoever_it_may_have_changed_stays_unknown(tmp_path: Path) -> None:
    denied = Denied()
    with serve_world(tmp_path, 300, 40, wrap=denied, batch=2) as world:
        plan, records = three_and_others(world)
        run_id = broken_off(world, plan)
        denied.records = set(records)
        told_by(world)
        with world.reader() as reader:
            facts = run_view(reader, run_id, PRESENT)
        assert facts
        assert "cannot be found out" in facts.ending
        assert facts.no_giving_up == ""
        for why in ("", " \n ", "x" * 1_001):
            with pytest.raises(UsageError, match="Give a reason"):
                give_up_run(world.settings, world.access, run_id, why)
        give_up_run(world.settings, world.access, run_id, "looked them up\nin the console")
        assert world.run(run_id)["state"] == "given-up"
        words = "looked them up in the console"
        outcomes = [(row["outcome"], words in str(row["reason"])) for row in world.rows(run_id).values()]
        assert sorted(outcomes) == [("not tried", False), ("unknown", True), ("unknown", True)]
        with world.reader() as reader:
            page, facts = run_page(reader, run_id), run_view(reader, run_id, PRESENT)
        assert page
        assert words in page.facts["words"]
        assert facts
        assert words in facts.ending
        assert len(world.ids("journal", "state:given-up")) == 1
        assert world.settle() == []
        denied.records = set()
        world.pull_now()
        again = world.move(AWAKE, "Integrations", 3)
        assert again.count("do") == 3
        with pytest.raises(Refused, match="has already ended"):
            give_up_run(world.settings, world.access, run_id, "once more")


def test_what_nobody_thought_of_sets_one_run_aside_and_no_more(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        plan, _ = three_and_others(world)
        run_id = broken_off(world, plan)

        def fails(progress: RunProgress) -> None:
            if progress.run_id == run_id:
                raise LookupError(progress.message)

        ((told, words),) = told_by(world, report=fails)
        assert told == run_id
        assert "(LookupError). Please report it" in words


def test_an_organization_that_cannot_be_reached_at_all_sets_no_run_aside(tmp_path: Path) -> None:
    trouble = Trouble()
    with serve_world(tmp_path, 300, 40, wrap=trouble) as world:
        plan, _ = three_and_others(world)
        run_id = broken_off(world, plan)
        trouble.rule = lambda line, number: "lost"
        with pytest.raises(ApiError):
            world.settle()
        assert "run-set-aside" not in kinds(world)
        # Nobody was asked, so nobody is called unknown either.
        assert {row["outcome"] for row in world.rows(run_id).values()} == {None}
        trouble.rule = lambda line, number: None
        assert world.settle() == [run_id]
        assert agree(world, run_id, plan) == {"moved": 3}


def test_a_task_id_that_no_address_can_hold_is_an_answer_that_was_lost(tmp_path: Path) -> None:
    def rule(line: str, answered: Answered) -> Answered:
        return (202, [], json.dumps({"taskId": "t" * 70_000}).encode()) if line == "POST add-users" else answered

    with serve_world(tmp_path, 300, 40, wrap=Rewriting(rule)) as world:
        plan, _ = three_and_others(world)
        assert agree(world, world.apply(plan), plan) == {"moved": 3}


def test_a_clock_that_was_set_back_makes_nobody_wait_for_years(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        plan, _ = three_and_others(world)
        run_id = broken_off(world, plan, BEFORE_POST)
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        world.settle(sleep=sleep, clock=lambda: datetime.now(UTC) - timedelta(days=3_650))
        assert sum(slept) < SEARCH_SECONDS + 60
        assert agree(world, run_id, plan) == {"unknown": 3}


def lost(line: str, number: int) -> int | str | None:
    return "lost" if line == "POST add-users" else None


@pytest.mark.parametrize("ends", ["by the time", "by a person"])
def test_a_search_tells_what_it_waits_for_and_how_long_and_comes_to_an_end(tmp_path: Path, ends: str) -> None:
    trouble = Trouble(lost)
    with serve_world(tmp_path, 300, 40, wrap=trouble, pace=TaskSpeed(1, 2, 1e9)) as world:
        plan, _ = three_and_others(world)
        told: list[RunProgress] = []

        def enough() -> bool:
            waited = [progress.search.waited for progress in told if progress.search]
            return ends == "by a person" and max(waited, default=0.0) > 20

        patience = 120.0 if ends == "by the time" else SEARCH_SECONDS
        run_id = world.apply(plan, report=told.append, stop_searching=enough, search_seconds=patience)
        searches = [progress.search for progress in told if progress.search]
        assert searches[0].message == (
            f"3 users are looked for (the response to the move was lost): waited 0 s of {patience / 60:.0f} min, "
            "next check in 5 s"
        )
        assert max(search.waited for search in searches) == pytest.approx(119 if ends == "by the time" else 21, abs=1)
        assert world.run(run_id)["state"] == "done"
        assert {row["outcome"] for row in world.rows(run_id).values()} == {"unknown"}
        assert len(world.posts()) == 1
        assert world.settle() == []

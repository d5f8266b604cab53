"""A quarantine ends only when the answer was carried out for all users still in it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main
from tokendesk.model.plan import Plan
from tokendesk.running.pull import pull_profile
from tokendesk.views.planning import planner
from tokendesk.views.quarantine import answer_plan, as_quarantine, quarantines

__all__ = ["world"]


def put_away(world: World, most: int = 3) -> tuple[str, Plan]:
    """Put owners of tokens into quarantine; return the run and its plan."""
    until = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    plan = world.move("policy:default status:active tokens:>0 -is:admin", "Executives", most)
    plan = as_quarantine(replace(plan, made_at=int(datetime.now(UTC).timestamp())), until)
    assert len(plan.rows_to_do) == most
    return world.apply(plan), plan


def asked(world: World, run_id: str, how: str) -> Plan | None:
    with world.reader() as reader:
        return answer_plan(reader, run_id, how, planner(world.settings, int(datetime.now(UTC).timestamp())))


def move_by_hand(world: World, account_id: str, policy: str) -> None:
    index = world.made.accounts.find_id(account_id)
    assert index is not None
    world.made.move(index, world.policy(policy))


def test_whom_somebody_took_out_is_not_in_it_any_more(world: World) -> None:
    run_id, plan = put_away(world)
    out, *left = [row.record for row in plan.rows_to_do]
    move_by_hand(world, out, "Contractors")
    world.pull_now()
    with world.reader() as reader:
        (each,) = quarantines(reader)
    assert set(each.account_ids) == set(left)
    revoke = asked(world, run_id, "revoke")
    assert revoke
    assert out not in {row.account_id for row in revoke.rows}
    later, quiet = datetime.now(UTC) + timedelta(days=11), lambda *_: None
    asyncio.run(pull_profile(world.settings, world.access, quiet, quiet, clock=lambda: later))
    with world.reader() as reader:
        due = reader.db.execute("SELECT record FROM change_row WHERE kind = 'quarantine-due'").fetchall()
    assert {row["record"] for row in due} == set(left)


def test_it_goes_on_where_an_answer_is_refused_for_somebody(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run_id, plan = put_away(world, 1)
    labels = [token.label for token in plan.rows_to_do[0].tokens]
    config = Path(world.settings.paths.config_file)
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[profiles.acme]\nnever_touch = {labels!r}\n".replace("'", '"'))
    assert main(["quarantine", "end", run_id, "--revoke", "--write", "--apply", "--expect", "0"]) == 5
    said = capsys.readouterr()
    assert "has ended" not in said.out
    assert "cannot be revoked (on the never-touch list)" in said.err
    with world.reader() as reader:
        assert [each.run_id for each in quarantines(reader)] == [run_id]

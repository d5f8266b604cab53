"""Quarantine: checked at each pull until its day, and ended only by an admin."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.practice import NOW
from tests.running.world import PRESENT, World, serve_world
from tokendesk.desk.entries import Desk
from tokendesk.desk.quarantine import end_quarantine
from tokendesk.running.pull import pull_profile
from tokendesk.views.quarantine import as_quarantine, quarantines
from tokendesk.views.query import Query

DAY = 86_400


def pull_after(world: World, days: int) -> None:
    later = NOW + timedelta(days=days)
    asyncio.run(pull_profile(world.settings, world.access, lambda *_: None, lambda *_: None, clock=lambda: later))


def found(world: World, pane: str, text: str, days: int) -> list[str]:
    with world.reader() as reader:
        ids = reader.ids(Query(pane, filter=text), PRESENT + days * DAY)
        return sorted(reader.records(pane, list(ids)).values())


def test_its_day_is_said_once_and_only_an_answer_ends_it(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        until = (NOW + timedelta(days=10)).date().isoformat()
        plan = as_quarantine(world.move_owners("policy:default owner.status:active is:idle", "Executives"), until)
        run_id = world.apply(plan, clock=lambda: NOW)
        owners = {row.account_id for row in plan.rows_to_do}
        tokens = sorted(token.token_id for row in plan.rows_to_do for token in row.tokens)
        assert found(world, "tokens", f"quarantine:{until}", 0) == tokens
        pull_after(world, 3)
        assert found(world, "changes", "kind:quarantine-due", 3) == []
        assert found(world, "tokens", "is:quarantine-due", 3) == []
        for days in (10, 12):
            pull_after(world, days)
            with world.reader() as reader:
                said = reader.db.execute(
                    "SELECT record, before FROM change_row WHERE kind = 'quarantine-due'"
                ).fetchall()
                (each,) = quarantines(reader)
            assert {tuple(row) for row in said} == {(owner, until) for owner in owners}
            assert len(said) == len(owners)
            assert each.is_due(PRESENT + days * DAY)
            assert found(world, "tokens", "is:quarantine-due", days) == tokens
            assert found(world, "journal", "is:quarantine-due", days) == [run_id]
        with Desk(world.settings.paths.desk) as desk:
            end_quarantine(desk, run_id, "keep")
        assert found(world, "tokens", "quarantine:any", 12) == []
        assert found(world, "journal", "is:quarantine-due", 12) == []

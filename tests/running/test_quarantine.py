"""Quarantine: checked at each pull until its day, and ended only by an admin."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.practice import NOW
from tests.running.world import PRESENT, World, world
from tokendesk.desk.entries import Desk
from tokendesk.desk.quarantine import end_quarantine
from tokendesk.running.pull import pull_profile
from tokendesk.views.quarantine import as_quarantine, quarantines
from tokendesk.views.query import Query

DAY = 86_400


def pull_after(w: World, days: int) -> None:
    later = NOW + timedelta(days=days)
    asyncio.run(pull_profile(w.settings, w.way, lambda *_: None, lambda *_: None, clock=lambda: later))


def found(w: World, pane: str, text: str, days: int) -> list[str]:
    with w.reader() as reader:
        ids = reader.ids(Query(pane, filter=text), PRESENT + days * DAY)
        return sorted(reader.records(pane, list(ids)).values())


def test_its_day_is_said_once_and_only_an_answer_ends_it(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        until = (NOW + timedelta(days=10)).date().isoformat()
        plan = as_quarantine(w.move_owners("policy:default owner.status:active is:idle", "Executives"), until)
        run_id = w.apply(plan, clock=lambda: NOW)
        owners = {row.account_id for row in plan.rows_to_do}
        tokens = sorted(token.token_id for row in plan.rows_to_do for token in row.tokens)
        assert found(w, "tokens", f"quarantine:{until}", 0) == tokens
        pull_after(w, 3)
        assert found(w, "changes", "kind:quarantine-due", 3) == []
        assert found(w, "tokens", "is:quarantine-due", 3) == []
        for days in (10, 12):
            pull_after(w, days)
            with w.reader() as reader:
                said = reader.db.execute(
                    "SELECT record, before FROM change_row WHERE kind = 'quarantine-due'"
                ).fetchall()
                (each,) = quarantines(reader)
            assert {tuple(row) for row in said} == {(owner, until) for owner in owners}
            assert len(said) == len(owners)
            assert each.is_due(PRESENT + days * DAY)
            assert found(w, "tokens", "is:quarantine-due", days) == tokens
            assert found(w, "journal", "is:quarantine-due", days) == [run_id]
        with Desk(w.settings.paths.desk) as desk:
            end_quarantine(desk, run_id, "keep")
        assert found(w, "tokens", "quarantine:any", 12) == []
        assert found(w, "journal", "is:quarantine-due", 12) == []

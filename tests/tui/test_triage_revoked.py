"""Triage of tokens that are all revoked: it says why there is nothing to decide."""

import pytest

from tests.tui.driver import app_on, main, notices, opened, wait_until
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.runs import BEGUN, ENDED, OUTCOMES
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


@pytest.fixture
def revoked(settings: Settings) -> Settings:
    """A desk in which a run revoked two tokens."""
    with Reader(settings.paths, settings.thresholds) as reader:
        ids = list(reader.ids(Query("tokens"), 0))[:2]
        tokens = list(reader.records("tokens", ids).values())
    rows = [
        {
            "account_id": "bo", "name": "Bo Test", "email": "bo@example.com", "from_id": None, "to_id": None,
            "outcome": "do", "reason": "", "tokens": [{"token_id": token, "label": "ci"}],
        }
        for token in tokens
    ]  # fmt: skip
    with Desk(settings.paths.desk) as desk:
        plan = {"kind": "revoke", "undoes": None, "quarantine_until": None, "rows": rows}
        run_id = desk.append(BEGUN, {"plan": plan, "digest": "d", "key": None}).entry_id
        desk.append(OUTCOMES, {"run": run_id, "rows": {token: ["revoked", "", None] for token in tokens}})
        desk.append(ENDED, {"run": run_id, "state": "done", "words": ""})
    return settings


async def test_triage_of_revoked_tokens_alone_says_why_it_does_not_begin(revoked: Settings) -> None:
    async with opened(app_on(revoked)) as pilot:
        main(pilot).set_filter("is:revoked")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 2)
        await pilot.press("t")
        await wait_until(pilot, lambda: notices(pilot))
        assert notices(pilot)[0].message.startswith("All 2 tokens here are revoked: there is nothing left to decide.")
        assert len(pilot.app.screen_stack) == 1

"""The past of a new demo equals what real pulls see, day after day, of the organization whose clock moves on."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.database import database
from tests.history.world import World, access_to
from tests.practice import settings_in
from tokendesk.desk.entries import Desk
from tokendesk.sandbox.colleague import colleague_entries
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.past import Past, former_tokens
from tokendesk.sandbox.past_history import write_history
from tokendesk.sandbox.serve import serving

SEED, USERS, TOKENS = 21, 60, 50
NOW = datetime(2025, 10, 30, 9, 0, tzinfo=UTC)
"""In these months Atlassian announced the ends of old tokens."""
DAYS = 30
"""Enough for all that happens; a pull of each of the 60 days would take twice as long."""
ROWS = {
    "changes": "SELECT at, kind, subject, record, label, owner, email, before, after FROM change ORDER BY 1, 2, 4",
    "uses": "SELECT token_id, last_used, pulled_at FROM observation JOIN pull USING (pull_id) ORDER BY 1, 2, 3",
    "pulls": "SELECT pulled_at FROM pull JOIN completed USING (pull_id) ORDER BY 1",
    "audited": "SELECT * FROM event ORDER BY event_id",
    "summed up": "SELECT * FROM event_use ORDER BY 1, 2, 3, 4, 5",
    "names": "SELECT * FROM event_action ORDER BY 1",
}


def made_past() -> Past:
    former = former_tokens(TOKENS)
    past = Past(Organization(SEED, USERS, TOKENS + former, NOW, now=lambda: NOW), former, DAYS)
    past.apply()
    return past


def rows_of(history: Path) -> dict[str, list[Any]]:
    with database(history) as db:
        return {name: db.execute(question).fetchall() for name, question in ROWS.items()}


async def pulled_every_day(home: Path, past: Past) -> World:
    """Pull each day from an organization in which people move and revoke when the past says so."""
    world = World(home, USERS, TOKENS + former_tokens(TOKENS), seed=SEED, now=NOW)
    organization, entries = world.made, colleague_entries(past)
    revocations, moves = list(past.revocations), list(past.moves)
    with serving(organization) as (address, _):
        access = access_to(address)
        for at in past.pulls:
            while revocations and revocations[0].at <= at:
                revoked = revocations.pop(0)
                world.now = datetime.fromtimestamp(revoked.at, UTC)
                assert organization.revoke(organization.tokens.id(revoked.life.number))
            while moves and moves[0].at <= at:
                moved = moves.pop(0)
                world.now = datetime.fromtimestamp(moved.at, UTC)
                organization.move(moved.index, moved.to_id)
                organization.touched()
            world.now = datetime.fromtimestamp(at, UTC)
            known = [entry for entry in entries if datetime.fromisoformat(entry.time) <= world.now]
            with Desk(world.settings.paths.desk, author="admin") as desk:
                desk.bind_organization(organization.id)
                with desk.transaction(commit=True):
                    desk.arrive(known)
            await world.pull(access)
        await world.pull_events(access, since=past.pulls[0])
    assert not revocations
    assert not moves
    return world


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, list[Any]], dict[str, list[Any]]]]:
    home, past = tmp_path_factory.mktemp("home"), made_past()
    written = home / "written.sqlite"
    write_history(written, past, settings_in(home).thresholds.idle)
    world = asyncio.run(pulled_every_day(home, past))
    yield rows_of(written), rows_of(world.settings.paths.history)


@pytest.mark.parametrize("what", ROWS)
def test_what_is_written_is_what_daily_pulls_see(
    what: str, both: tuple[dict[str, list[Any]], dict[str, list[Any]]]
) -> None:
    written, pulled = both
    assert written[what] == pulled[what]


def test_something_of_each_kind_happens(both: tuple[dict[str, list[Any]], dict[str, list[Any]]]) -> None:
    written, _ = both
    kinds = {"created", "expiry", "gone", "moved-by-us", "revoked", "used-again"}
    assert {row[1] for row in written["changes"]} == kinds
    assert {row[2] for row in written["changes"]} == {"credential", "token", "user"}
    of_credentials = {row[0].partition(":")[0] for row in written["uses"] if ":" in row[0]}
    assert of_credentials == {"key", "oauth-client", "service-token"}
    assert len(written["pulls"]) == DAYS
    assert len(written["uses"]) > 150
    assert len(written["audited"]) > 40
    assert NOW - timedelta(days=DAYS) < datetime.fromtimestamp(written["pulls"][0][0], UTC)


def test_both_runs_take_place_where_there_are_enough_users_and_tokens() -> None:
    former = former_tokens(60)
    for seed in range(1, 21):
        past = Past(Organization(seed, 60, 60 + former, NOW, now=lambda: NOW), former)
        kinds = {entry.payload["plan"]["kind"] for entry in colleague_entries(past) if entry.kind == "run-begun"}
        assert kinds == {"move", "revoke"}, f"seed {seed}"

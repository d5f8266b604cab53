"""Audit events over real HTTP: read once, continued, or missing with a reason."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.database import database
from tests.history.world import World, access_to
from tests.practice import NOW
from tokendesk.errors import ApiError, KeyRefused, TokendeskError
from tokendesk.history.file import APPLICATION_ID, script
from tokendesk.model.timestamps import DAY
from tokendesk.running.events import EventsProgress, describe_progress, load_state
from tokendesk.running.migration import open_reader
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import serving
from tokendesk.snapshot.progress import Progress
from tokendesk.sqlite import open_database


def failing_after(pages: int) -> Callable[[ASGIApp], ASGIApp]:
    """The events stop after so many pages, once."""
    left = [pages, 1]

    def wrap(app: ASGIApp) -> ASGIApp:
        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].endswith("/events-stream"):
                left[0] -= 1
                if left[0] < 0 and left[1]:
                    left[1] = 0
                    await JSONResponse({"message": "no tea here"}, 418)(scope, receive, send)
                    return
            await app(scope, receive, send)

        return inner

    return wrap


def used_with_tokens(world: World, days: int) -> set[str]:
    """Return the ids of the audited actions done with tokens in the last days, as the organization knows them."""
    book = world.events()
    today = int(world.now.timestamp()) // DAY
    since = int((world.now - timedelta(days=days)).timestamp())
    return {
        event.id
        for day in range(today - days, today + 1)
        for event in book.day(day)
        if event.token and event.time >= since
    }


def kept(world: World) -> set[str]:
    db = sqlite3.connect(world.settings.paths.history)
    try:
        return {row[0] for row in db.execute("SELECT event_id FROM event")}
    finally:
        db.close()


async def test_a_reading_that_breaks_off_goes_on_and_keeps_each_event_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    expected = used_with_tokens(world, 30)
    assert len(expected) > 100
    with serving(world.made, wrap=failing_after(1)) as (address, _):
        access = access_to(address)
        with pytest.raises(ApiError):
            await world.pull_events(access)
        first = kept(world)
        assert 0 < len(first) < len(expected)
        went_on = await world.pull_events(access)
        assert kept(world) == expected
        assert went_on.kept == len(expected) - len(first)  # nothing of the first page was asked for again
        assert (await world.pull_events(access)).done == 0
        world.later(days=2)
        later = await world.pull_events(access)
        assert later.kept == len(kept(world) - expected) > 0
        # Further back than the first time: the log read without a gap is longer then.
        further = await world.pull_events(access, since=int(world.now.timestamp()) - 90 * DAY)
        assert further.kept > 0
        assert used_with_tokens(world, 90) == kept(world)
    state = load_state(world.settings.paths)
    assert state is not None and state.since == int(world.now.timestamp()) - 90 * DAY


async def test_a_reading_says_how_long_it_takes(tmp_path: Path) -> None:
    world = World(tmp_path)
    said: list[Progress] = []
    with serving(world.made) as (address, _):
        await world.pull_events(access_to(address), report=said.append)
    first, *_, last = said
    assert isinstance(first, EventsProgress) and isinstance(last, EventsProgress)
    assert first.minutes_left == 1
    assert "500 audit events read, up to" in describe_progress(first)
    assert "1 min left" in describe_progress(first)
    assert last.minutes_left == 0


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [("403-events", KeyRefused, "read:events:admin"), ("402-events", ApiError, "plan does not include")],
)
async def test_where_no_events_are_given_the_history_remembers_why(
    tmp_path: Path, fault: str, error: type[TokendeskError], words: str
) -> None:
    world = World(tmp_path, 60, 20)
    with serving(world.made, wrap=with_faults((fault,))) as (address, _), pytest.raises(error, match=words):
        await world.pull_events(access_to(address))
    state = load_state(world.settings.paths)
    assert state is not None and words in str(state.problem)


async def test_a_cursor_that_is_not_taken_any_more_is_gone_without(tmp_path: Path) -> None:
    world = World(tmp_path, 300, 40)
    with serving(world.made) as (address, _):
        await world.pull_events(access_to(address))
        db = sqlite3.connect(world.settings.paths.history)
        db.execute("UPDATE event_cursor SET cursor = 'of-another-time'")
        db.commit()
        db.close()
        world.later(days=3)
        await world.pull_events(access_to(address))
    assert used_with_tokens(world, 33) == kept(world)


def telling_late(held_back: set[str], over: list[bool]) -> Callable[[ASGIApp], ASGIApp]:
    """Some events are not in the stream yet until `over` says so."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            if over[-1] or scope["type"] != "http" or not scope["path"].endswith("/events-stream"):
                await app(scope, receive, send)
                return
            start: list[Message] = []

            async def fewer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    start.append(message)
                    return
                page = json.loads(message["body"])
                page["data"] = [event for event in page["data"] if event["id"] not in held_back]
                await JSONResponse(page)(scope, receive, send)

            await app(scope, receive, fewer)

        return inner

    return wrap


@pytest.mark.parametrize("cursor", ["of-another-time", None])
async def test_what_was_told_late_is_found_where_the_log_goes_on_by_its_dates(
    tmp_path: Path, cursor: str | None
) -> None:
    world = World(tmp_path)
    late = set(sorted(used_with_tokens(world, 1))[:5])
    over = [False]
    with serving(world.made, wrap=telling_late(late, over)) as (address, _):
        await world.pull_events(access_to(address))
        assert not late & kept(world)
        with database(world.settings.paths.history) as db:
            db.execute("UPDATE event_cursor SET cursor = ?", (cursor,))
        db.close()
        over.append(True)
        again = await world.pull_events(access_to(address))
    assert kept(world) == used_with_tokens(world, 30)
    assert again.kept == len(late)  # the rest of that day was known


async def test_a_history_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 20)
    history = world.settings.paths.history
    open_database(history, APPLICATION_ID, 1, script("schema.sql"), "history").close()
    with database(history) as db:
        db.execute("INSERT INTO pull VALUES ('p', 1)")
        db.execute("INSERT INTO completed VALUES ('p')")
        db.execute("INSERT INTO observation VALUES ('t', 1, 'p')")
    db.close()
    with open_reader(world.settings.paths, world.settings.thresholds) as reader:
        assert reader.db.execute("SELECT count(*) FROM history.observation").fetchone()[0] == 1
        assert reader.db.execute("SELECT count(*) FROM history.event").fetchone()[0] == 0
    assert history.with_name("history.sqlite.format-1").exists()
    assert world.now == NOW

"""Files replaced during a query or a decision: keys never act on a different row."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest

from tests.database import database
from tests.practice import NOW
from tests.tui.driver import app_on, form, main, marked, notes, opened, plan_of, reviewed, said, text_of, wait_until
from tests.tui.idle import Gate
from tokendesk.config import Settings
from tokendesk.tui.file_watcher import follow_files
from tokendesk.tui.flows.base import Outcome, Refresh
from tokendesk.tui.navigation import Place
from tokendesk.tui.screens.groups import GroupsScreen
from tokendesk.tui.screens.policy_picker import PolicyPicker
from tokendesk.tui.store import SnapshotStore
from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.views.query import Query

AT = int(NOW.timestamp())


def swap_first_rows(settings: Settings, table: str) -> None:
    """Replace the snapshot as a pull does after which two records are ranked the other way round."""
    path = settings.paths.snapshot
    new = path.with_suffix(".new")
    shutil.copy(path, new)
    with database(new) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        for before, after in ((1, -1), (2, 1), (-1, 2)):
            db.execute(f"UPDATE {table} SET id = ? WHERE id = ?", (after, before))
    new.replace(path)


@pytest.fixture
async def store(small: Settings) -> AsyncIterator[SnapshotStore]:
    opened_store = SnapshotStore(small.paths, small.thresholds)
    yield opened_store
    opened_store.close()


async def test_who_is_meant_is_moved_though_a_pull_ended_while_the_policy_was_chosen(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("2")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "users" and main(pilot).rows.row_id == 1)
        meant = main(pilot).view.selection().record
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker))
        swap_first_rows(settings, "user")
        await main(pilot).view.read_again(Refresh.FILES)
        review = await reviewed(pilot, *"integr", "enter")
        assert [row.account_id for row in plan_of(review).rows] == [meant]


async def test_groups_are_counted_again_and_a_mark_of_older_ones_is_refused(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("2", *"lll", "number_sign")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen) and "282" in text_of(pilot))
        new = settings.paths.snapshot.with_suffix(".new")
        shutil.copy(settings.paths.snapshot, new)
        with database(new) as db, db:
            db.execute("DELETE FROM user WHERE id = (SELECT max(id) FROM user WHERE tokens = 0)")
        new.replace(settings.paths.snapshot)
        await main(pilot).ctx.store.reopen()
        await pilot.press("space")
        await wait_until(pilot, lambda: "Nothing was marked" in said(pilot))
        assert not marked(pilot, "users")
        await main(pilot).view.read_again(Refresh.FILES)
        await wait_until(pilot, lambda: "299 users." in text_of(pilot, "#standing"))
        await pilot.press("g", "space")
        await wait_until(pilot, lambda: "marked in all" in text_of(pilot, "#standing"))
        assert len(marked(pilot, "users")) > 250


async def test_details_of_the_files_before_lead_nowhere(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen = main(pilot)
        await wait_until(pilot, lambda: screen.view.loader.are_details_current)
        query = screen.query_shown
        await screen.ctx.store.reopen()
        screen.query_one(DetailsPane).post_message(DetailsPane.Followed(Query("users")))
        await wait_until(pilot, lambda: "still the details of another row" in said(pilot))
        assert screen.query_shown == query


async def test_no_key_acts_on_a_row_of_the_pane_before(small: Settings, gate: Gate) -> None:
    async with opened(app_on(small)) as pilot:
        screen, view = main(pilot), main(pilot).view
        await pilot.press("3")
        await wait_until(pilot, lambda: view.selection().record)
        waiting = asyncio.create_task(screen.ctx.store.queries.ask(lambda _: gate.hold()))
        step = asyncio.create_task(view.apply(Outcome(step=Place(Query("tokens"), "a-policy"))))
        await wait_until(pilot, lambda: screen.query_shown.pane == "tokens")
        assert view.selection().record is None
        assert not view.state().has_cursor
        gate.open()
        await asyncio.gather(waiting, step)
        assert view.selection().record is not None


async def test_a_note_can_be_opened_again_as_soon_as_the_one_before_is_written(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        counted = asyncio.Event()
        loader = main(pilot).view.loader
        count = loader.count

        async def slow(query: Query) -> None:
            await counted.wait()
            await count(query)

        loader.count = slow  # type: ignore[method-assign]
        await pilot.press("e")
        shown = await form(pilot)
        await pilot.press(*"backups", "enter")
        await wait_until(pilot, lambda: shown not in pilot.app.screen_stack and notes(settings))
        await main(pilot).action_flow("note.edit")
        await form(pilot)
        counted.set()


async def test_a_question_that_waits_is_asked_of_the_new_files(store: SnapshotStore, gate: Gate) -> None:
    held = asyncio.create_task(store.query(lambda _: gate.hold()))
    while not gate.is_holding:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0)
    waiting = asyncio.create_task(store.query(lambda reader: reader.count(reader.panes["tokens"])))
    newest = asyncio.create_task(store.first(Query("users"), AT, 5))
    await asyncio.sleep(0)
    reopened = asyncio.create_task(store.reopen())
    while store.generation == 0:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(held, reopened, newest)
    assert await waiting == 30


async def test_marks_are_told_though_the_question_with_them_was_given_up(store: SnapshotStore, gate: Gate) -> None:
    records = tuple(store.ui_reader.records("users", (1, 2, 3)).values())
    assert await store.first(Query("users"), AT, 5)
    store.set_marks("users", records)
    held = asyncio.create_task(store.queries.ask(lambda _: gate.hold()))
    given_up = asyncio.create_task(store.first(Query("users"), AT, 5))
    await asyncio.sleep(0)
    given_up.cancel()
    gate.open()
    await asyncio.gather(held, given_up, return_exceptions=True)
    page = await store.first(Query("users", filter="is:marked"), AT, 5)
    assert page is not None
    assert sorted(page.ids) == [1, 2, 3]


async def test_files_that_cannot_be_opened_again_are_said_and_the_rows_stay(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        generation = main(pilot).ctx.store.generation
        broken = settings.paths.desk.with_suffix(".new")
        broken.write_bytes(b"not a desk")
        broken.replace(settings.paths.desk)
        swap_first_rows(settings, "token")
        await follow_files(main(pilot))
        assert "cannot be read" in text_of(pilot, "#filter-state")
        assert main(pilot).ctx.store.generation == generation
        await pilot.press("j")
        assert main(pilot).view.selection().record

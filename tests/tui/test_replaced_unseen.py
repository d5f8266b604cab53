"""A snapshot that another process replaces before a connection opens it is never mixed with the one on screen."""

import shutil
from pathlib import Path

import pytest

from tests.practice import NOW, pulled_home
from tests.tui.bursts import send_chunk
from tests.tui.driver import app_on, main, marked, opened, reader, said, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.tui.file_watcher import follow_files
from tokendesk.tui.flows.base import Refresh
from tokendesk.tui.store import SnapshotReplaced, SnapshotStore
from tokendesk.views.query import Query

AT = int(NOW.timestamp())


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    """The pull of another organization, of 140 users and 36 tokens: its row ids mean other tokens."""
    return pulled_home(tmp_path / "other", 140, 36)


def replace_snapshot(settings: Settings, other: Settings) -> None:
    new = settings.paths.snapshot.with_suffix(".new")
    shutil.copy(other.paths.snapshot, new)
    new.replace(settings.paths.snapshot)


async def open_connections(store: SnapshotStore) -> None:
    await store.first(Query("tokens"), AT, 50)
    await store.query(lambda found: found.info)


async def test_a_connection_that_would_open_another_snapshot_is_refused(small: Settings, other: Settings) -> None:
    store = SnapshotStore(small.paths, small.thresholds)
    told: list[int] = []
    store.on_replaced = lambda: told.append(store.generation)
    replace_snapshot(small, other)
    with pytest.raises(SnapshotReplaced):
        await store.first(Query("tokens"), AT, 50)
    with pytest.raises(SnapshotReplaced):
        await store.query(lambda found: found.count(found.panes["tokens"]))
    assert told == [0, 0]
    await store.reopen()
    page = await store.first(Query("tokens"), AT, 50)
    assert page is not None
    assert len(page.ids) == 36
    store.close()


async def test_rows_and_marks_are_of_one_snapshot_though_it_is_replaced_while_a_filter_is_typed(
    small: Settings, other: Settings
) -> None:
    async with opened(app_on(small)) as pilot:
        send_chunk(pilot.app, "/")
        await until_settled(pilot.app)
        replace_snapshot(small, other)
        send_chunk(pilot.app, *"-zzz")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 36)
        send_chunk(pilot.app, "enter", " ")
        await wait_until(pilot, lambda: marked(pilot, "tokens"))
        await until_settled(pilot.app)
        assert reader(pilot).count(reader(pilot).panes["tokens"]) == 36
        (record,) = marked(pilot, "tokens")
        row_id = reader(pilot).find("tokens", record)
        assert row_id == main(pilot).rows.ids[0]
        row = reader(pilot).row("tokens", row_id, AT)
        assert row is not None
        assert str(row["label"]) in text_of(pilot).splitlines()[2]
        await wait_until(pilot, lambda: "Reloaded" in said(pilot))


async def test_a_pull_of_another_process_is_shown_though_a_note_was_written_after_it(
    small: Settings, other: Settings
) -> None:
    async with opened(app_on(small)) as pilot:
        await open_connections(main(pilot).ctx.store)
        replace_snapshot(small, other)
        await main(pilot).view.read_again(Refresh.DESK)
        await follow_files(main(pilot))
        assert len(main(pilot).rows.ids) == 36
        await wait_until(pilot, lambda: "there is a new snapshot" in said(pilot))


async def test_a_snapshot_that_is_replaced_while_the_files_are_opened_is_shown_too(
    small: Settings, other: Settings
) -> None:
    async with opened(app_on(small)) as pilot:
        store = main(pilot).ctx.store
        reopen = store.reopen

        async def replaced_at_the_end() -> None:
            await reopen()
            await open_connections(store)
            replace_snapshot(small, other)

        store.reopen = replaced_at_the_end  # type: ignore[method-assign]
        await main(pilot).view.read_again(Refresh.FILES)
        store.reopen = reopen  # type: ignore[method-assign]
        await until_settled(pilot.app)
        await follow_files(main(pilot))
        assert len(main(pilot).rows.ids) == 36

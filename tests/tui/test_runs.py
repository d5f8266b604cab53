"""Runs by keys, over real HTTP: screen, server and journal agree afterwards."""

import asyncio
from dataclasses import replace

import pytest

from tests.running.world import World
from tests.tui.driver import (
    applied,
    desk_of,
    main,
    marked,
    notices,
    plan_of,
    reader,
    reviewed,
    seen,
    until,
    users_shown,
)
from tokendesk.running.lock import run_lock
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.tui.screens.quit import QuitScreen
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.run_page import RunPageScreen


async def test_three_users_are_moved_by_keys_and_brought_back_from_the_journal(w: World) -> None:
    target, before = w.policy("Contractors"), {}
    async with desk_of(w) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space", "space")
        asked = sum(w.sandbox.requests.values())
        review = await reviewed(pilot, "m", *"contr", "enter")
        records = [row.record for row in plan_of(review).rows]
        before = w.on_server(records)
        assert set(before.values()) == {w.policy("Default")}
        assert sum(w.sandbox.requests.values()) == asked  # a review asks nothing

        await applied(pilot, "move 3")
        assert set(w.on_server(records).values()) == {target}
        assert seen(pilot, "#list").count("moved, verified") == 3
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))
        assert not marked(pilot, "users")
        assert w.shown(records) == w.on_server(records)
        main(pilot).set_filter("policy:contractors")
        await until(pilot, lambda: len(main(pilot).rows.ids) >= 3)

        await pilot.press("5")
        await until(pilot, lambda: "move 3 users to Contractors" in seen(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen))
        assert "3 of 3 found in place" in seen(pilot, "#apply")
        assert w.runs()[0]["run_id"][:16] in seen(pilot, "#parts")
        await pilot.press("u")
        await until(pilot, lambda: "back to Default" in seen(pilot, "#title"))
        await applied(pilot, "move 3")
        assert w.on_server(records) == before
        await pilot.press("escape")
        await until(pilot, lambda: len(main(pilot).rows.ids) == 2)
        assert "put 3 users back into Default" in seen(pilot)


async def test_a_row_that_changed_is_left_alone_and_stays_marked(w: World) -> None:
    async with desk_of(w, size=(80, 24)) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space")
        review = await reviewed(pilot, "m", *"contr", "enter")
        elsewhere = plan_of(review).rows[0].record
        index = w.made.accounts.find_id(elsewhere)
        assert index is not None
        w.made.move(index, w.policy("Executives"))
        await applied(pilot, "move 2")
        assert "left alone: it is in Exec" in seen(pilot, "#list")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))
        assert marked(pilot, "users") == {elsewhere}


@pytest.mark.parametrize("w", [{"pace": TaskSpeed(1, 2, 600.0), "batch": 1}], indirect=True)
async def test_q_asks_during_a_run_and_C_stops_it_after_the_batch(w: World) -> None:
    waiting, goes_on = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await goes_on.wait()

    async with desk_of(w, sleep) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space", "space")
        await reviewed(pilot, "m", *"contr", "enter")
        await pilot.press("A", "tab", *"move 3", "enter")
        await waiting.wait()
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        await pilot.press("escape")
        assert pilot.app.screen is screen
        await pilot.press("q")
        assert isinstance(pilot.app.screen, QuitScreen)
        await pilot.press("enter")  # to keep running has the focus
        assert pilot.app.screen is screen
        await pilot.press("C")
        assert "stops after this batch" in seen(pilot, "#top-line")
        goes_on.set()
        await until(pilot, lambda: "Cancelled" in seen(pilot, "#apply"))
        assert "2 not tried" in seen(pilot, "#top-line")
        assert len(w.posts()) == 1
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))
        assert len(marked(pilot, "users")) == 2


@pytest.mark.parametrize("w", [{"most_revocations": 1}], indirect=True)
async def test_tokens_are_revoked_in_parts_each_with_words_of_its_own(w: World) -> None:
    async with desk_of(w) as pilot:
        await pilot.press("space", "space")
        review = await reviewed(pilot, "X")
        records = [row.record for row in plan_of(review).rows_to_do]
        assert "permanent" in seen(pilot, "#standing")
        assert len(records) == 2
        for left in (1, 0):
            await applied(pilot, "revoke 1")
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(pilot.app.screen, RunScreen))
            assert sum(w.made.find_token(record) is not None for record in records) == left
        assert pilot.app.screen is main(pilot)
        assert not marked(pilot, "tokens")


async def test_a_second_run_is_refused_while_another_holds_the_organization(w: World) -> None:
    with run_lock(w.way.api_url, w.way.org_id):
        async with desk_of(w) as pilot:
            await users_shown(pilot, "status:active policy:default")
            review = await reviewed(pilot, "m", *"contr", "enter")
            await pilot.press("A", "tab", *"move 1", "enter")
            await until(pilot, lambda: notices(pilot))
            assert "Another run on this organization is active" in notices(pilot)[0].message
            await until(pilot, lambda: pilot.app.screen is not review and "Move 1 user" in seen(pilot, "#title"))
            assert not w.posts()


@pytest.mark.parametrize("w", [{"pace": TaskSpeed(1, 2, 600.0)}], indirect=True)
async def test_a_run_that_one_left_in_the_middle_is_settled_at_the_next_start(w: World) -> None:
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with desk_of(w, sleep) as pilot:
        await users_shown(pilot, "status:active policy:default")
        review = await reviewed(pilot, "m", *"contr", "enter")
        records = [row.record for row in plan_of(review).rows]
        await pilot.press("A", "tab", *"move 1", "enter")
        await waiting.wait()
        await pilot.press("ctrl+q", "tab", "tab", "enter")
        await until(pilot, lambda: pilot.app._exit)
    async with desk_of(w) as pilot:
        await until(pilot, lambda: any("is settled" in note.title for note in notices(pilot)))
        assert "1 moved" in notices(pilot)[0].message
        assert len(w.posts()) == 1
        assert w.shown(records) == w.on_server(records)


async def test_a_key_that_may_not_revoke_is_told_in_the_review(w: World) -> None:
    w.way = replace(w.way, revoke_key=None)
    async with desk_of(w) as pilot:
        await reviewed(pilot, "X")
        await until(pilot, lambda: "Revoking needs an API key without scopes" in seen(pilot, "#apply"))
        await pilot.press("A")
        await until(pilot, lambda: notices(pilot))
        assert {method for method, path in w.sandbox.requests if "manage" in path} == {"GET"}


async def test_a_run_is_left_while_the_cursor_stands_far_down_the_list(w: World) -> None:
    async with desk_of(w, size=(80, 24)) as pilot:
        await pilot.press("2", "G")
        await until(pilot, lambda: main(pilot).rows.cursor == 119)
        last = reader(pilot).records("users", main(pilot).rows.ids[-1:])
        await reviewed(pilot, "m", *"exec", "enter")
        await applied(pilot, "move 1")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot) and seen(pilot, "#list").strip() != "")
        rows = main(pilot).rows
        assert rows.cursor == 119
        assert reader(pilot).records("users", rows.ids[-1:]) == last

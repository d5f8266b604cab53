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
    text_of,
    users_shown,
    wait_until,
)
from tokendesk.running.lock import run_lock
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.tui.screens.quit import QuitScreen
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.run_page import RunPageScreen


async def test_three_users_are_moved_by_keys_and_brought_back_from_the_journal(world: World) -> None:
    target, before = world.policy("Contractors"), {}
    async with desk_of(world) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space", "space")
        asked = sum(world.sandbox.requests.values())
        review = await reviewed(pilot, "m", *"contr", "enter")
        records = [row.record for row in plan_of(review).rows]
        before = world.on_server(records)
        assert set(before.values()) == {world.policy("Default")}
        assert sum(world.sandbox.requests.values()) == asked  # a review asks nothing

        await applied(pilot, "move 3")
        assert set(world.on_server(records).values()) == {target}
        assert text_of(pilot, "#list").count("moved, verified") == 3
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert not marked(pilot, "users")
        assert world.shown(records) == world.on_server(records)
        main(pilot).set_filter("policy:contractors")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) >= 3)

        await pilot.press("5")
        await wait_until(pilot, lambda: "move 3 users to Contractors" in text_of(pilot))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen))
        assert "3 of 3 found in place" in text_of(pilot, "#apply")
        assert world.runs()[0]["run_id"][:16] in text_of(pilot, "#parts")
        await pilot.press("u")
        await wait_until(pilot, lambda: "back to Default" in text_of(pilot, "#title"))
        await applied(pilot, "move 3")
        assert world.on_server(records) == before
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 2)
        assert "put 3 users back into Default" in text_of(pilot)


async def test_a_row_that_changed_is_left_alone_and_stays_marked(world: World) -> None:
    async with desk_of(world, size=(80, 24)) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space")
        review = await reviewed(pilot, "m", *"contr", "enter")
        elsewhere = plan_of(review).rows[0].record
        index = world.made.accounts.find_id(elsewhere)
        assert index is not None
        world.made.move(index, world.policy("Executives"))
        await applied(pilot, "move 2")
        assert "left alone: it is in Exec" in text_of(pilot, "#list")
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert marked(pilot, "users") == {elsewhere}


@pytest.mark.parametrize("world", [{"pace": TaskSpeed(1, 2, 600.0), "batch": 1}], indirect=True)
async def test_q_asks_during_a_run_and_C_stops_it_after_the_batch(world: World) -> None:
    waiting, goes_on = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await goes_on.wait()

    async with desk_of(world, sleep) as pilot:
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
        assert "stops after this batch" in text_of(pilot, "#top-line")
        goes_on.set()
        await wait_until(pilot, lambda: "Cancelled" in text_of(pilot, "#apply"))
        assert "2 not tried" in text_of(pilot, "#top-line")
        assert len(world.posts()) == 1
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert len(marked(pilot, "users")) == 2


@pytest.mark.parametrize("world", [{"most_revocations": 1}], indirect=True)
async def test_tokens_are_revoked_in_parts_each_with_words_of_its_own(world: World) -> None:
    async with desk_of(world) as pilot:
        await pilot.press("space", "space")
        review = await reviewed(pilot, "X")
        records = [row.record for row in plan_of(review).rows_to_do]
        assert "permanent" in text_of(pilot, "#standing")
        assert len(records) == 2
        for left in (1, 0):
            await applied(pilot, "revoke 1")
            assert "Undo" not in text_of(pilot, "KeyBar")
            await pilot.press("escape")
            await wait_until(pilot, lambda: not isinstance(pilot.app.screen, RunScreen))
            assert sum(world.made.find_token(record) is not None for record in records) == left
        assert pilot.app.screen is main(pilot)
        assert not marked(pilot, "tokens")


async def test_a_second_run_is_refused_while_another_holds_the_organization(world: World) -> None:
    with run_lock(world.access.api_url, world.access.org_id):
        async with desk_of(world) as pilot:
            await users_shown(pilot, "status:active policy:default")
            review = await reviewed(pilot, "m", *"contr", "enter")
            await pilot.press("A", "tab", *"move 1", "enter")
            await wait_until(pilot, lambda: notices(pilot))
            assert "Another run on this organization is active" in notices(pilot)[0].message
            await wait_until(
                pilot, lambda: pilot.app.screen is not review and "Move 1 user" in text_of(pilot, "#title")
            )
            assert not world.posts()


@pytest.mark.parametrize("world", [{"pace": TaskSpeed(1, 2, 600.0)}], indirect=True)
async def test_a_run_that_one_left_in_the_middle_is_settled_at_the_next_start(world: World) -> None:
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with desk_of(world, sleep) as pilot:
        await users_shown(pilot, "status:active policy:default")
        review = await reviewed(pilot, "m", *"contr", "enter")
        records = [row.record for row in plan_of(review).rows]
        await pilot.press("A", "tab", *"move 1", "enter")
        await waiting.wait()
        await pilot.press("ctrl+q", "tab", "tab", "enter")
        await wait_until(pilot, lambda: pilot.app._exit)
    async with desk_of(world) as pilot:
        await wait_until(pilot, lambda: any("is settled" in note.title for note in notices(pilot)))
        assert "1 moved" in notices(pilot)[0].message
        assert len(world.posts()) == 1
        assert world.shown(records) == world.on_server(records)


async def test_a_key_that_may_not_revoke_is_told_in_the_review(world: World) -> None:
    world.access = replace(world.access, revoke_key=None)
    async with desk_of(world) as pilot:
        await reviewed(pilot, "X")
        await wait_until(pilot, lambda: "Revoking needs an API key without scopes" in text_of(pilot, "#apply"))
        await pilot.press("A")
        await wait_until(pilot, lambda: notices(pilot))
        assert {method for method, path in world.sandbox.requests if "manage" in path} == {"GET"}


async def test_a_run_is_left_while_the_cursor_stands_far_down_the_list(world: World) -> None:
    async with desk_of(world, size=(80, 24)) as pilot:
        await pilot.press("2", "G")
        await wait_until(pilot, lambda: main(pilot).rows.cursor == 119)
        last = reader(pilot).records("users", main(pilot).rows.ids[-1:])
        await reviewed(pilot, "m", *"exec", "enter")
        await applied(pilot, "move 1")
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot) and text_of(pilot, "#list").strip() != "")
        rows = main(pilot).rows
        assert rows.cursor == 119
        assert reader(pilot).records("users", rows.ids[-1:]) == last

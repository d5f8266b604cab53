"""A search for users who may have moved, and a run that cannot be settled, on the screens."""

import asyncio

import pytest

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.rewriting import Answered, Rewriting
from tests.running.world import World
from tests.tui.driver import desk_of, main, notices, reviewed, text_of, users_shown, wait_until
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.screens.prompt import PromptDialog
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.run_page import RunPageScreen


def lose_moves(line: str, answered: Answered) -> Answered:
    return (202, [(b"content-encoding", b"gzip")], b"not packed at all") if line == "POST add-users" else answered


@pytest.mark.parametrize("world", [{"pace": TaskSpeed(1, 2, 1e9)}], indirect=True)
@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_a_search_is_shown_and_a_key_ends_it_after_a_question(world: World, key: str) -> None:
    world.sandbox.handler = Rewriting(lose_moves)(world.sandbox.handler)
    goes_on = asyncio.Event()

    async def sleep(_: float) -> None:
        await goes_on.wait()

    async with desk_of(world, sleep) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space", "space")
        await reviewed(pilot, "m", *"contr", "enter")
        await pilot.press("A", "tab", *"move 3", "enter")
        await wait_until(
            pilot, lambda: "3 users are looked for (the response to the move was lost)" in text_of(pilot, "#top-line")
        )
        assert "waited 0 s of 15 min" in text_of(pilot, "#top-line")
        run = pilot.app.screen
        assert isinstance(run, RunScreen)
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is run)
        assert run.is_under_way
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")
        goes_on.set()
        await wait_until(pilot, lambda: not run.is_under_way)
        assert text_of(pilot, "#list").count("unknown") == 3
        assert len(world.posts()) == 1


@pytest.mark.parametrize("world", [{"pace": TaskSpeed(1, 2, 600.0)}], indirect=True)
async def test_a_run_that_cannot_be_settled_is_announced_and_given_up_on_its_page(world: World) -> None:
    with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
        await asyncio.to_thread(world.apply, world.move("policy:default status:active -is:admin", "Integrations", 2))
    plain = world.sandbox.handler

    def refuse(line: str, answered: Answered) -> Answered:
        return (403, [], b"{}") if line == "POST bulk-fetch" else answered

    world.sandbox.handler = Rewriting(refuse)(plain)
    async with desk_of(world) as pilot:
        await wait_until(pilot, lambda: any(note.title == "A run could not be settled" for note in notices(pilot)))
        await pilot.press("5")
        await wait_until(pilot, lambda: "move 2 users to Integrations" in text_of(pilot))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen))
        assert "cannot be found out" in text_of(pilot, "#apply")
        page = pilot.app.screen
        await pilot.press("D")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PromptDialog))
        await pilot.press(*"asked", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen) and pilot.app.screen is not page)
        assert "asked" in text_of(pilot, "#apply")
        assert text_of(pilot, "#list").count("unknown") == 2
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))

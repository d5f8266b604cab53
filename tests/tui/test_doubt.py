"""Searching for users who may have moved, and a run that cannot be recovered, on the screens."""

import asyncio

import pytest

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.rewriting import Answered, Rewriting
from tests.running.world import World
from tests.tui.driver import desk_of, main, notices, reviewed, seen, until, users_shown
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.screens.name import NameScreen
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.run_page import RunPageScreen


def lose_moves(line: str, answered: Answered) -> Answered:
    return (202, [(b"content-encoding", b"gzip")], b"not packed at all") if line == "POST add-users" else answered


@pytest.mark.parametrize("w", [{"pace": TaskSpeed(1, 2, 1e9)}], indirect=True)
@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_a_search_is_shown_and_a_key_ends_it_after_a_question(w: World, key: str) -> None:
    w.sandbox.handler = Rewriting(lose_moves)(w.sandbox.handler)
    goes_on = asyncio.Event()

    async def sleep(_: float) -> None:
        await goes_on.wait()

    async with desk_of(w, sleep) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space", "space")
        await reviewed(pilot, "m", *"contr", "enter")
        await pilot.press("A", "tab", *"move 3", "enter")
        await until(
            pilot, lambda: "3 users are looked for (the response to the move was lost)" in seen(pilot, "#top-line")
        )
        assert "waited 0 s of 15 min" in seen(pilot, "#top-line")
        run = pilot.app.screen
        assert isinstance(run, RunScreen)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is run)
        assert run.is_under_way
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")
        goes_on.set()
        await until(pilot, lambda: not run.is_under_way)
        assert seen(pilot, "#list").count("unknown") == 3
        assert len(w.posts()) == 1


@pytest.mark.parametrize("w", [{"pace": TaskSpeed(1, 2, 600.0)}], indirect=True)
async def test_a_run_that_cannot_be_settled_is_announced_and_given_up_on_its_page(w: World) -> None:
    with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
        await asyncio.to_thread(w.apply, w.move("policy:default status:active -is:admin", "Integrations", 2))
    plain = w.sandbox.handler

    def refuse(line: str, answered: Answered) -> Answered:
        return (403, [], b"{}") if line == "POST bulk-fetch" else answered

    w.sandbox.handler = Rewriting(refuse)(plain)
    async with desk_of(w) as pilot:
        await until(pilot, lambda: any(note.title == "A run could not be settled" for note in notices(pilot)))
        await pilot.press("5")
        await until(pilot, lambda: "move 2 users to Integrations" in seen(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen))
        assert "cannot be found out" in seen(pilot, "#apply")
        page = pilot.app.screen
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, NameScreen))
        await pilot.press(*"asked", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunPageScreen) and pilot.app.screen is not page)
        assert "asked" in seen(pilot, "#apply")
        assert seen(pilot, "#list").count("unknown") == 2
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))

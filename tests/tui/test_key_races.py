"""Difficult keys around a run: held down, pressed twice, or pressed while another screen is on top."""

from dataclasses import replace

from textual import events
from textual.pilot import Pilot

from tests.running.world import World
from tests.tui.driver import desk_of, main, plan_of, reviewed, text_of, users_shown, wait_until
from tests.tui.idle import Gate, until_idle
from tokendesk.errors import UsageError
from tokendesk.model.secret import Secret
from tokendesk.running.lock import run_lock
from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.screens.run import RunScreen


async def at_once(pilot: Pilot[int], *keys: str) -> None:
    """Send keys as a terminal does that has several of them waiting: nothing is awaited between them."""
    for key in keys:
        pilot.app.post_message(events.Key(key, "\r" if key == "enter" else key if len(key) == 1 else None))
    await pilot.pause()


async def test_enter_held_down_on_the_words_begins_one_run_and_no_more(world: World) -> None:
    async with desk_of(world) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await reviewed(pilot, "m", *"contr", "enter")
        await pilot.press("A", "tab", *"move 1")
        await at_once(pilot, "enter", "enter", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and not pilot.app.screen.is_under_way)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert len(pilot.app.screen_stack) == 1
        assert len(world.posts()) == 1


async def test_A_pressed_twice_at_once_asks_for_the_words_once(world: World) -> None:
    async with desk_of(world) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await reviewed(pilot, "m", *"contr", "enter")
        await at_once(pilot, "A", "A")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmPhraseDialog))
        await pilot.press("tab", *"move 1", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and not pilot.app.screen.is_under_way)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        assert len(pilot.app.screen_stack) == 1
        assert len(world.posts()) == 1


async def test_a_run_that_is_refused_while_help_is_open_leads_back_to_the_review(world: World, gate: Gate) -> None:

    def ask() -> Secret | None:
        gate.hold()
        raise UsageError("The key_command of the profile gave no key (exit 1). Try it by hand.")

    world.access = replace(world.access, revoke_key=None, ask_revoke_key=ask)
    async with desk_of(world) as pilot:
        await reviewed(pilot, "X")
        await pilot.press("A", "tab", *"revoke 1", "enter", "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        assert isinstance(pilot.app.screen_stack[-2], RunScreen)
        gate.open()
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen) and pilot.app.screen.is_mounted)
        assert [type(screen) for screen in pilot.app.screen_stack[1:]] == [ReviewScreen]
        await pilot.press("escape", "q")
        await wait_until(pilot, lambda: pilot.app._exit)


async def test_a_row_that_was_dropped_and_a_day_that_was_set_stand_after_a_refusal(world: World) -> None:
    async with desk_of(world) as pilot:
        await users_shown(pilot, "status:active policy:default")
        await pilot.press("space", "space")
        review = await reviewed(pilot, "m", *"contr", "enter")
        await pilot.press("x")
        assert "Move 1 user to Contractors" in text_of(pilot, "#title")
        kept = plan_of(review)
        with run_lock(world.access.api_url, world.access.org_id):
            await pilot.press("A", "tab", *"move 1", "enter")
            await wait_until(
                pilot, lambda: isinstance(pilot.app.screen, ReviewScreen) and pilot.app.screen is not review
            )
        again = pilot.app.screen
        assert isinstance(again, ReviewScreen)
        assert plan_of(again) == kept


async def test_a_review_that_is_left_before_the_rights_of_the_key_are_known(world: World, gate: Gate) -> None:

    def ask() -> Secret | None:
        gate.hold()
        return None

    world.access = replace(world.access, revoke_key=None, ask_revoke_key=ask)
    async with desk_of(world) as pilot:
        await reviewed(pilot, "X")
        await wait_until(pilot, lambda: gate.is_holding)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        gate.open()
        await until_idle()
        await pilot.press("2")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 120)

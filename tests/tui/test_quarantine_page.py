"""A quarantine by keys: started in the review of a move, listed, and ended by moving everybody back."""

from tests.running.world import World
from tests.tui.driver import applied, desk_of, main, notices, plan_of, reviewed, text_of, users_shown, wait_until
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.tui.screens.quarantine import QuarantineScreen
from tokendesk.views.quarantine import quarantines


async def test_users_are_moved_until_a_day_and_put_back(world: World) -> None:
    with Desk(world.settings.paths.desk) as desk:
        write_policy(desk, world.policy("Contractors"), {"tokens": "blocked"})
    async with desk_of(world) as pilot:
        await users_shown(pilot, "status:active policy:default tokens:>0")
        await pilot.press("space", "space")
        review = await reviewed(pilot, "m", *"contr", "enter")
        records = [row.record for row in plan_of(review).rows]
        before = world.on_server(records)
        await pilot.press("t", "enter")
        await wait_until(pilot, lambda: "until 23 Dec 2026" in text_of(pilot, "#title"))
        assert "no activity does not mean nobody needed it" in " ".join(text_of(pilot, "#standing").split())
        await applied(pilot, "move 2")
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is main(pilot))
        await pilot.press("Q")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, QuarantineScreen))
        assert "Wed 23 Dec 2026, in 30 d" in text_of(pilot)
        assert "move 2 users to Contractors" in text_of(pilot)
        await pilot.press("b")
        await wait_until(pilot, lambda: "back to Default" in text_of(pilot, "#title"))
        await applied(pilot, "move 2")
        await pilot.press("escape")
        await wait_until(pilot, lambda: any("has ended" in note.message for note in notices(pilot)))
        assert world.on_server(records) == before
        with world.reader() as reader:
            assert quarantines(reader) == []

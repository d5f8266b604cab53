"""The first pull after a long time, on the screens."""

from datetime import timedelta
from pathlib import Path

from tests.history.world import World, access_to
from tests.practice import NOW
from tests.tui.driver import wait_until
from tokendesk.sandbox.serve import serving
from tokendesk.tui.app import TokendeskApp


async def test_a_pull_after_weeks_says_what_happened_meanwhile(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 41)
    with serving(world.made) as (address, _):
        access = access_to(address)
        await world.pull(access)
        world.later(days=40)
        settings = world.settings._replace(clock=world.now)
        app = TokendeskApp(settings, access, clock=world.second)
        async with app.run_test(size=(140, 40)) as pilot:
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: any("uses in between" in told.message for told in app._notifications))
            told = next(told.message for told in app._notifications if "uses in between" in told.message)
    day = f"{NOW.day} Nov"
    assert told.startswith(f"Since {day} 2026: ")
    assert told.endswith(" gone. No pulls for 40 days: uses in between may be missing.")
    assert world.now == NOW + timedelta(days=40)

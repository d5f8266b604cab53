"""Policy facts and the goal, by keys."""

from tests.database import database
from tests.tui.driver import app_on, closed, form, main, opened, text_of, wait_until
from tokendesk.config import Settings


def facts(settings: Settings) -> list[tuple[str, str | None, str | None]]:
    with database(settings.paths.desk) as db:
        return db.execute("SELECT name, tokens, remarks FROM policy_fact WHERE name != '' ORDER BY name").fetchall()


async def test_a_policy_is_described_and_one_is_added_by_its_id(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "policies" and len(main(pilot).rows.ids) == 4)
        await pilot.press("e")
        await form(pilot)
        await pilot.press("tab", "b", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "blocks (said)" in text_of(pilot, "#list"))
        assert [fact for fact in facts(settings) if fact[1]] == [("Default", "blocked", None)]
        await pilot.press("u")
        await wait_until(pilot, lambda: "blocks (said)" not in text_of(pilot, "#list"))
        await main(pilot).action_flow("policy.add")
        shown = await form(pilot)
        await pilot.press("enter")
        assert pilot.app.screen is shown
        await pilot.press(*"3f2a", "tab", *"Robots", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "Robots" in text_of(pilot, "#list"))


async def test_the_goal_is_set_taken_away_and_undone_by_keys(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: main(pilot).query_shown.pane == "policies" and len(main(pilot).rows.ids) == 4)
        await pilot.press("B")
        await wait_until(pilot, lambda: "Default: " in text_of(pilot, "#tabs") and "decided" in text_of(pilot, "#tabs"))
        await pilot.press("B")
        await wait_until(pilot, lambda: "decided" not in text_of(pilot, "#tabs"))
        await pilot.press("u")
        await wait_until(pilot, lambda: "decided" in text_of(pilot, "#tabs"))
        await pilot.press("1", "t")
        await wait_until(pilot, lambda: "in Default" in seen_top(pilot))


def seen_top(pilot: object) -> str:
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    card = pilot.app.screen.query("#card-text")
    return str(card.first().render()) if card else ""

"""Drives the screens with keys, and reads what they show."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.notifications import Notification
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from tests.database import database
from tests.practice import NOW
from tests.running.world import World, no_sleep
from tests.tui import idle
from tokendesk.config import Settings
from tokendesk.model.plan import Plan
from tokendesk.running.access import ApiAccess
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.tasks import TaskSpeed
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.form import Form
from tokendesk.tui.screens.main import MainScreen
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.screens.run import RunScreen
from tokendesk.tui.screens.triage import TriageScreen
from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.tui.widgets.scope_pane import ScopePane
from tokendesk.views.reader import Reader

idle.install()

Pulled = tuple[Settings, Organization]
AT_ONCE = TaskSpeed(0, 1, 600.0)


# --- the app


def app_on(settings: Settings, access: ApiAccess | None = None, *, pull_at_start: bool = False) -> TokendeskApp:
    return TokendeskApp(settings, access, clock=lambda: int(NOW.timestamp()), pull_at_start=pull_at_start)


@asynccontextmanager
async def opened(app: TokendeskApp, size: tuple[int, int] = (140, 40)) -> AsyncIterator[Pilot[int]]:
    """Open the screens and wait until rows, counts and details stand there."""
    async with app.run_test(size=size) as pilot:
        await wait_until(
            pilot, lambda: main(pilot).rows.ids and any(s.option_count for s in main(pilot).query(ScopePane))
        )
        details = main(pilot).query_one(DetailsPane)
        await wait_until(pilot, lambda: details.page or not details.region.width)
        await idle.until_idle()
        yield pilot


@asynccontextmanager
async def desk_of(
    world: World, sleep: Callable[[float], Awaitable[object]] = no_sleep, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[Pilot[int]]:
    app = TokendeskApp(world.settings, world.access, clock=lambda: int(NOW.timestamp()), sleep=sleep)
    async with opened(app, size) as pilot:
        yield pilot


async def wait_until(pilot: Pilot[Any], condition: Callable[..., object]) -> None:
    """Wait for `condition`, for as long as it takes: a test that hangs is ended by its time limit.

    A widget that is not composed yet does not meet it.
    """
    while True:
        with suppress(NoMatches):
            if condition():
                return
        if pilot.app._exception is not None:
            raise pilot.app._exception
        await asyncio.sleep(0.002)


# --- what is shown


def main(pilot: Pilot[int]) -> MainScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def text_of(pilot: Pilot[int], selector: str = "#list") -> str:
    """The characters that stand where the widget is."""
    widget = pilot.app.screen.query_one(selector)
    lines = pilot.app.screen._compositor.render_strips()
    area = widget.region
    return "\n".join("".join(s.text for s in line.crop(area.x, area.right)) for line in lines[area.y : area.bottom])


def details_title(pilot: Pilot[int]) -> str:
    return str(main(pilot).view.panels.details_panel.border_title)


def static_text(screen: ReviewScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


def notices(pilot: Pilot[Any]) -> list[Notification]:
    return list(pilot.app._notifications)


def said(pilot: Pilot[Any]) -> str:
    return " / ".join(notice.message for notice in notices(pilot))


def reader(pilot: Pilot[int]) -> Reader:
    return main(pilot).ctx.store.ui_reader


def marked(pilot: Pilot[int], pane: str) -> set[str]:
    return set(main(pilot).ctx.marks.of(pane))


# --- steps


async def users_shown(pilot: Pilot[int], text: str) -> None:
    await pilot.press("2")
    main(pilot).set_filter(text)
    await wait_until(pilot, lambda: main(pilot).query_shown.filter == text and 0 < len(main(pilot).rows.ids) < 120)
    await idle.until_settled(pilot.app)  # the first rows come before the others, and keys wait for all of them


async def reviewed(pilot: Pilot[int], *keys: str) -> ReviewScreen:
    """Press `keys`, which lead to a review, and return it."""
    await pilot.press(*keys)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen) and pilot.app.screen.rows.ids)
    await idle.until_idle()
    assert isinstance(pilot.app.screen, ReviewScreen)
    return pilot.app.screen


def plan_of(review: ReviewScreen) -> Plan:
    return review.plan


async def applied(pilot: Pilot[int], phrase: str) -> RunScreen:
    """Apply the plan under review by typing its words, and wait for the end of the run."""
    await pilot.press("A", "tab", *phrase, "enter")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunScreen))
    screen = pilot.app.screen
    assert isinstance(screen, RunScreen)
    await wait_until(pilot, lambda: not screen.is_under_way and text_of(pilot, "#apply"))
    return screen


async def form(pilot: Pilot[int]) -> Form:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Form) and pilot.app.screen.focused is not None)
    await idle.until_idle()
    assert isinstance(pilot.app.screen, Form)
    return pilot.app.screen


async def closed(pilot: Pilot[int]) -> None:
    await wait_until(pilot, lambda: pilot.app.screen is main(pilot))


def triage(pilot: Pilot[int]) -> TriageScreen:
    screen = pilot.app.screen_stack[1]
    assert isinstance(screen, TriageScreen)
    return screen


async def triage_begun(pilot: Pilot[int]) -> TriageScreen:
    await pilot.press("t")
    await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2 and triage(pilot).queue.ids)
    await idle.until_idle()
    return triage(pilot)


async def palette(pilot: Pilot[int], text: str) -> None:
    """Type `text` into the palette as a person does, and take what stands first."""
    await pilot.press("colon")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    screen = pilot.app.screen
    screen.query_one(Input).value = text
    hits = screen.query_one(OptionList)
    await wait_until(pilot, lambda: hits.option_count and hits.get_option_at_index(0).id != CommandPalette._NO_MATCHES)
    await pilot.press("enter")


# --- what was written


def notes(settings: Settings) -> list[dict[str, object]]:
    with database(settings.paths.desk) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM note ORDER BY subject")]


def last_entry(settings: Settings) -> dict[str, object]:
    with database(settings.paths.desk) as db:
        row = db.execute("SELECT payload FROM entry WHERE kind = 'note' ORDER BY sequence DESC LIMIT 1").fetchone()
    return dict(json.loads(row[0])["fields"])

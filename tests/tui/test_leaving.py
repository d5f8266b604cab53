"""A screen stops its work before its widgets are removed."""

import asyncio

import pytest

from tests.tui.driver import app_on, main, opened
from tokendesk.config import Settings
from tokendesk.tui.base_screens import Dialog, PageScreen
from tokendesk.tui.widgets.lines import KeyBar


@pytest.mark.parametrize("kind", [None, PageScreen, Dialog])
async def test_the_work_of_a_screen_ends_while_its_widgets_are_there(
    small: Settings, kind: type[PageScreen[None]] | type[Dialog[None]] | None
) -> None:
    there: list[bool] = []
    async with opened(app_on(small)) as pilot:
        screen: PageScreen[None] | Dialog[None] = kind() if kind else main(pilot)
        if kind:
            await pilot.app.push_screen(screen)
            await screen.mount(KeyBar(id="keys"))

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                there.append(bool(screen.query(KeyBar)))

        screen.run_worker(work())
        await pilot.pause()
        if kind:
            await screen.dismiss()
    assert there == [True]


async def test_no_work_is_begun_on_a_screen_that_is_left(small: Settings) -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("work")

    async with opened(app_on(small)) as pilot:
        background = main(pilot).view.background
        background.begin(work, "details")
        await pilot.pause()
        assert begun == ["work"]
    background.begin(work, "details")
    await asyncio.sleep(0)
    assert begun == ["work"]

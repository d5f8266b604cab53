"""Choosing from a short list: by arrow keys, by number, or cancelled."""

from pathlib import Path

import pytest
from textual.content import Content

from tests.practice import settings_in
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.choose import ChooseDialog


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), 1),  # where the cursor begins
        (("j", "enter"), 2),
        (("k", "k", "enter"), 2),  # past the first is the last
        (("3",), 2),
        (("9", "escape"), None),  # there is no ninth
        (("q",), None),
    ],
)
async def test_one_of_a_few_is_chosen(keys: tuple[str, ...], answer: int | None, tmp_path: Path) -> None:
    app, chosen = TokendeskApp(settings_in(tmp_path)), list[int | None]()
    options = [Content(text) for text in ("first [/b]", "second", "third")]
    async with app.run_test() as pilot:
        app.push_screen(ChooseDialog("Which one?", options, "enter chooses", current=1), chosen.append)
        await pilot.pause()
        await pilot.press(*keys)
    assert chosen == [answer]

"""Choosing a policy by a few letters, from the policies of snapshot and desk."""

from pathlib import Path

import pytest

from tests.practice import name_policies, organization, settings_in
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.policy_picker import PolicyPicker
from tokendesk.views.policies import PolicyChoice, policy_choices
from tokendesk.views.reader import Reader


@pytest.fixture
def choices(tmp_path: Path) -> list[PolicyChoice]:
    settings, made = settings_in(tmp_path), organization(users=10, tokens=1)
    name_policies(settings, made)
    with Desk(settings.paths.desk) as desk:
        write_policy(desk, made.policies[2].id, {"tokens": "blocked", "remarks": "agencies [/b]"})
    with Reader(settings.paths, settings.thresholds) as reader:
        return policy_choices(reader)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ("itg", "Integrations"),  # its letters in this order
        ("agenc", "Contractors"),  # its remarks
        ("e", "Executives"),  # what begins with it stands before what contains it
    ],
)
async def test_a_few_letters_choose_a_policy(choices: list[PolicyChoice], keys: str, name: str, tmp_path: Path) -> None:
    app, chosen = TokendeskApp(settings_in(tmp_path)), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(PolicyPicker("Move to", "Where to?", choices), chosen.append)
        await pilot.pause()
        await pilot.press(*keys, "enter")
    assert chosen == [next(choice.policy_id for choice in choices if choice.name == name)]


async def test_letters_that_fit_no_policy_choose_none(choices: list[PolicyChoice], tmp_path: Path) -> None:
    app, chosen = TokendeskApp(settings_in(tmp_path)), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(PolicyPicker("Move to", "Where to?", choices), chosen.append)
        await pilot.pause()
        await pilot.press(*"zzz", "enter")
        assert chosen == []
        await pilot.press("escape")
    assert chosen == [None]

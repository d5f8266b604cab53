"""The reference pages match the program."""

import re

import pytest

from tests.reference.make import FOLDER, PAGES, page
from tokendesk.config import PROFILE_SETTINGS, SETTINGS, Settings
from tokendesk.tui.actions import ACTIONS, GROUPS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tables_say(name: str) -> None:
    assert page(name) == (FOLDER / f"{name}.md").read_text("utf-8"), "run: python -m tests.reference.make"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_page(name: str) -> None:
    text = page(name)
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    for found in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in found.splitlines()}) == 1


def test_every_key_and_group_is_on_the_page() -> None:
    text = page("keys")
    assert [key.id for key in ACTIONS if f"`{key.id}`" not in text] == []
    assert {key.group for key in ACTIONS} <= set(GROUPS)


def test_every_setting_that_can_be_set_is_named() -> None:
    named = (
        set(SETTINGS)
        | set(PROFILE_SETTINGS)
        | {"profile", "paths", "key", "revoke_key", "configured", "clock", "in_config", "admin_emails_of_environment"}
    )
    assert set(Settings._fields) <= named

"""Allowing writes at start-up, and the messages when they are not allowed."""

from pathlib import Path

import pytest

from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import _options, main
from tokendesk.config import Settings

__all__ = ["world"]
MOVE = ("move", "users", "policy:default", "status:active", "tokens:1..", "--to", "integr")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Stand at a terminal, and note what the screens are opened with."""
    found: list[Settings] = []

    def open_screens(settings: Settings, *_: object, **__: object) -> int:
        found.append(settings)
        return 0

    for module in ("browse", "open"):
        monkeypatch.setattr(f"tokendesk.commands.{module}.has_terminal", lambda: True)
        monkeypatch.setattr(f"tokendesk.commands.{module}.open_screens", open_screens)
    return found


def test_the_screens_start_with_write_as_the_advice_says(world: World, opened: list[Settings], tmp_path: Path) -> None:
    assert main([]) == 0
    assert main(["--write"]) == 0
    assert main(["--profile", "acme", "--write"]) == 0
    assert [settings.allow_writes for settings in opened] == [False, True, True]
    assert main(["snapshot", "save", str(tmp_path / "saved.sqlite")]) == 0
    assert main(["open", str(tmp_path / "saved.sqlite"), "--write"]) == 0
    assert len(opened) == 4


def test_the_advice_names_the_profile_or_the_environment_that_is_in_force(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    many = len(world.move("policy:default status:active tokens:1..", "Integrations").rows_to_do)
    apply = (*MOVE, "--apply", "--expect", str(many))
    assert main(list(apply)) == 5
    said = capsys.readouterr().err
    assert "set by the environment" in said
    assert "profile acme" not in said
    (tmp_path / "config.toml").write_text("[profiles.acme]\nallow_writes = false\n", "utf-8")
    assert main(list(apply)) == 5
    assert "set allow_writes = true in profile acme" in capsys.readouterr().err


def test_who_may_never_be_moved_is_asked_for_where_it_can_be_said(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = len(world.move("policy:default status:active tokens:1..", "Integrations").rows_to_do)
    monkeypatch.delenv("TOKENDESK_ADMIN_EMAIL")
    # The admin counts now: what the plan would move is one more.
    for expected in (many, many + 1):
        code = main([*MOVE, "--apply", "--write", "--expect", str(expected)])
        assert code == 5
    said = capsys.readouterr().err
    assert "Set TOKENDESK_ADMIN_EMAIL to" in said
    assert "profile acme" not in said


def test_write_may_stand_in_front_of_the_command_as_well() -> None:
    command, options = _options(["--write", "open", "acme.tkd"])
    assert (command.name, options.write) == ("open", True)

"""An unreachable organization: nothing is sent, and the exit code says why."""

import socket
from pathlib import Path

import pytest

from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main

__all__ = ["world"]

MOVE = ("move", "users", "policy:default", "status:active", "tokens:1..", "--to", "integr")


@pytest.fixture
def nobody_there() -> str:
    """Return an address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_move_that_cannot_begin_ends_with_4(
    world: World, nobody_there: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = len(world.move("policy:default status:active tokens:1..", "Integrations").rows_to_do)
    monkeypatch.setenv("TOKENDESK_API_URL", nobody_there)
    assert main([*MOVE, "--apply", "--write", "--expect", str(many)]) == 4
    said = capsys.readouterr()
    assert "nothing was changed" in said.err
    assert "127.0.0.1 cannot be reached" in said.err
    assert said.out.count("not tried") == many
    assert world.posts() == []


def test_a_move_whose_key_is_refused_before_it_begins_ends_with_3(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = len(world.move("policy:default status:active tokens:1..", "Integrations").rows_to_do)
    monkeypatch.setenv("TOKENDESK_API_KEY", "another-example")
    assert main([*MOVE, "--apply", "--write", "--expect", str(many)]) == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert world.posts() == []


def test_a_revocation_that_cannot_begin_ends_with_4(
    world: World, nobody_there: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = world.revoke("policy:default", 1).rows_to_do[0].record
    monkeypatch.setenv("TOKENDESK_API_URL", nobody_there)
    assert main(["revoke", f"id:{token}", "--apply", "--write", "--expect", "1"]) == 4
    said = capsys.readouterr()
    assert "nothing was changed" in said.err
    assert "127.0.0.1 cannot be reached" in said.err
    assert "could not be checked" in said.out


def test_a_revocation_whose_key_is_refused_ends_with_3(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = world.revoke("policy:default", 1).rows_to_do[0].record
    monkeypatch.setenv("TOKENDESK_API_KEY", "another-example")
    monkeypatch.setenv("TOKENDESK_REVOKE_KEY", "another-example")
    assert main(["revoke", f"id:{token}", "--apply", "--write", "--expect", "1"]) == 3
    assert "nothing was changed" in capsys.readouterr().err


def test_a_saved_plan_that_cannot_begin_ends_with_4(
    world: World, nobody_there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "plan.json")
    token = world.revoke("policy:default", 1).rows_to_do[0].record
    assert main(["revoke", f"id:{token}", "--save-plan", file]) == 0
    monkeypatch.setenv("TOKENDESK_API_URL", nobody_there)
    assert main(["apply", file, "--write", "--expect", "1"]) == 4
    assert "nothing was changed" in capsys.readouterr().err


def test_taking_a_run_back_that_cannot_begin_ends_with_4(
    world: World, nobody_there: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = world.move("policy:default status:active tokens:1..", "Integrations")
    assert main([*MOVE, "--apply", "--write", "--expect", str(len(plan.rows_to_do))]) == 0
    sent = len(world.posts())
    monkeypatch.setenv("TOKENDESK_API_URL", nobody_there)
    assert main(["undo", "last", "--apply", "--write", "--expect", str(len(plan.rows_to_do))]) == 4
    assert "nothing was changed" in capsys.readouterr().err
    assert len(world.posts()) == sent

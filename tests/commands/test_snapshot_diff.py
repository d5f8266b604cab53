"""`tokendesk snapshot diff`: who made a change."""

import json
from pathlib import Path

import pytest

from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main

__all__ = ["world"]

MOVE = ("move", "users", "policy:default", "status:active", "tokens:>0", "--to", "integr")


@pytest.mark.parametrize("notes", [(), ("--with-notes",)], ids=["without-notes", "with-notes"])
def test_our_own_moves_are_said_to_be_ours(
    world: World, notes: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = str(tmp_path / "first.tkd"), str(tmp_path / "second.tkd")
    assert main(["snapshot", "save", first, *notes]) == 0
    capsys.readouterr()
    assert main([*MOVE, "--json"]) == 0
    doing = sum(row["outcome"] == "do" for row in json.loads(capsys.readouterr().out)["plan"]["rows"])
    assert main([*MOVE, "--apply", "--write", "--expect", str(doing)]) == 0
    assert main(["pull"]) == 0
    assert main(["snapshot", "save", second, *notes]) == 0
    capsys.readouterr()
    assert main(["snapshot", "diff", first, second, "--format", "json"]) == 0
    kinds = [row["kind"] for row in json.loads(capsys.readouterr().out)]
    assert kinds.count("moved-by-us") == doing
    assert "moved" not in kinds

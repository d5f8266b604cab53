"""A home folder of tokendesk 0.1 opens, pulls, and can be used.

`home-0.1.tar.xz` was made by the program of that version on the practice organization of 60 users and 12 tokens:
config.toml, a pull, two named policies, notes on five tokens, a goal, a move of two users, a saved filter.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.practice import organization, practice
from tokendesk.cli import main
from tokendesk.config import load_settings
from tokendesk.tui.saved_views import SavedView
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query

KEPT = Path(__file__).with_name("home-0.1.tar.xz")
MOVED = {"sara.nunez@example.com", "siobhan.berg@example.com"}


class Home:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *words: str) -> str:
        self._capsys.readouterr()
        code = main(list(words))
        said = self._capsys.readouterr()
        assert code == 0, f"{words}\n{said.out}{said.err}"
        return said.out

    def rows(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("list", *words, "--format", "json"))
        return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Home]:
    with tarfile.open(KEPT) as kept:
        kept.extractall(tmp_path, filter="data")
    with practice(organization(60, 12)) as access:
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
        monkeypatch.setenv("TOKENDESK_API_URL", access.api_url)
        monkeypatch.setenv("TOKENDESK_API_KEY", access.key.reveal())
        monkeypatch.setenv("TOKENDESK_CLOCK", "2026-12-01T09:00:00+00:00")
        yield Home(capsys)


def test_its_snapshot_desk_and_history_are_read_as_they_are(home: Home) -> None:
    tokens = home.rows("tokens")
    assert len(tokens) == 12
    assert sorted(row["decision"] for row in tokens if row["decision"] != "undecided") == ["keep"] * 4 + ["revoke"]
    assert {row["policy"] for row in home.rows("users", "tokens:>0")} == {"Default", "Contractors"}
    assert {row["email"] for row in home.rows("users", "policy:contractors tokens:>0")} == MOVED
    (run,) = home.rows("journal")
    assert (run["kind"], run["state"], run["good"], run["verified"]) == ("move", "done", 2, 2)
    assert "Default" in home.run("readiness", "Default")
    assert "12 tokens" in home.run("snapshot", "info")
    state = UiState(load_settings().paths.ui)
    quiet = SavedView("quiet", Query("tokens", filter="idle:>90d"))
    assert state.views() == [quiet]
    other = SavedView("others", Query("users", sort=("name",), columns=("name", "id")))
    state.save_view(other)
    assert UiState(load_settings().paths.ui).views() == [quiet, other]
    state.delete_view(quiet)
    assert UiState(load_settings().paths.ui).views() == [other]
    assert state.columns("tokens") == ()


def test_it_pulls_and_what_the_organization_says_by_then_wins(home: Home) -> None:
    noted = {row["id"] for row in home.rows("tokens", "has:note")}
    home.run("pull")
    # The organization that is served here never heard of the move: a later pull is what counts.
    assert home.rows("users", "policy:contractors tokens:>0") == []
    exported = home.run("notes", "export", "-")
    assert len(noted) == 5
    assert all(token in exported for token in noted)
    assert home.rows("journal")[0]["good"] == 2
    home.run("readiness", "Default")


def test_work_goes_on_in_it(home: Home) -> None:
    home.run("pull")
    token = home.rows("tokens")[0]["id"]
    home.run("note", f"id:{token}", "--purpose", "the nightly export")
    assert home.rows("tokens", "purpose:nightly")[0]["id"] == token
    home.run("note", "--undo")
    assert home.rows("tokens", "purpose:nightly") == []
    assert "yes" in home.run("check")

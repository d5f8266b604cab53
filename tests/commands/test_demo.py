"""`tokendesk demo` begins with a past, which agrees with what the practice organization answers."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.database import database
from tests.practice import NOW, settings_in
from tokendesk.cli import main
from tokendesk.commands.demo import prepare_past
from tokendesk.desk.entries import Desk
from tokendesk.model.timestamps import DAY
from tokendesk.running.renew import RULE
from tokendesk.sandbox.organization import Organization

CLOCK = NOW.isoformat()


def pulls(home: Path) -> list[int]:
    with database(settings_in(home).paths.history) as db:
        return [at for (at,) in db.execute("SELECT pulled_at FROM pull JOIN completed USING (pull_id) ORDER BY 1")]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a demo that was started once."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKENDESK_HOME", str(home))
        assert main(["demo", "--clock", CLOCK]) == 0
    return home


class Rows:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> list[dict[str, Any]]:
        self._capsys.readouterr()
        assert main(["list", *arguments, "--format", "json", "--profile", "demo"]) == 0
        found: list[dict[str, Any]] = json.loads(self._capsys.readouterr().out)
        return found


@pytest.fixture
def rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rows:
    monkeypatch.setenv("TOKENDESK_CLOCK", CLOCK)
    return Rows(capsys)


def test_no_page_is_empty_and_the_tutorial_has_work_to_do(
    story: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(story))
    assert len(rows("tokens")) == 82
    assert len(rows("tokens", "decision:undecided")) >= 60
    assert rows("tokens", "decision:keep", "purpose:any", "is:review-due")
    assert rows("tokens", "is:answer-overdue")
    assert rows("tokens", "answer:any")
    assert rows("tokens", "rhythm:daily")
    with database(settings_in(story).paths.history) as db:
        assert db.execute("SELECT count(DISTINCT token_id) FROM event").fetchone()[0] > 10
    assert len(rows("changes")) > 10
    assert [row["state"] for row in rows("journal")] == ["done", "done"]
    # What the tutorial decides on is left to the reader.
    for mine in ('label:"nightly export"', "owner:svc-nagios", "used:never", 'label:"power bi"'):
        assert rows("tokens", mine)
        assert rows("tokens", mine, "decision:any") == []
    in_use = rows("tokens", "policy:default", "used:..30d", "purpose:none")
    assert 8 <= len(in_use) <= 14


def test_the_runs_agree_with_what_the_organization_answers(
    story: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(story))
    with database(settings_in(story).paths.desk) as db:
        moved = db.execute("SELECT account_id, to_id FROM moved").fetchall()
        revoked = {token_id for (token_id,) in db.execute("SELECT token_id FROM revoked")}
    where = {row["id"]: row["policy_id"] for row in rows("users")}
    assert len(moved) == 3
    assert [where[account_id] for account_id, _ in moved] == [to_id for _, to_id in moved]
    assert len(revoked) == 2
    assert revoked.isdisjoint(row["id"] for row in rows("tokens"))


def test_the_colleague_wrote_at_another_desk(story: Path) -> None:
    with Desk(settings_in(story).paths.desk, author="admin") as desk:
        (renewed,) = desk.own_entries()
        assert (renewed.kind, renewed.author) == ("note", RULE)
        entries = [entry for entry in desk.entries() if entry.author != RULE]
        assert {entry.kind for entry in entries} >= {"note", "goal", "policy", "run-begun", "run-ended"}
        assert all(entry.time < CLOCK for entry in entries)
        assert renewed.time.startswith(CLOCK[:10])


def test_a_fresh_demo_has_no_past_and_gets_none_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    small = ["--users", "60", "--tokens", "20", "--clock", CLOCK]
    assert main(["demo", "--fresh", *small]) == 0
    assert main(["demo", *small]) == 0
    assert set(pulls(tmp_path)) == {int(NOW.timestamp())}
    # Started over, it has one; asked for without one, it is opened as it is, by its own numbers: even after a token was
    # revoked on an earlier day than the demo began.
    assert main(["demo", "--reset", *small]) == 0
    yesterday = NOW - timedelta(days=1)
    made = Organization(now=lambda: yesterday, state_file=settings_in(tmp_path).paths.sandbox)
    assert made.revoke(next(made.tokens.id(life.number) for _, life in made.living()))
    assert main(["demo", "--fresh", *small]) == 0
    assert len(set(pulls(tmp_path))) == 61
    assert all(at % DAY == (NOW.timestamp() - 600) % DAY for at in pulls(tmp_path)[:60])
    for tokens in ("19", "22"):
        assert main(["demo", "--tokens", tokens]) == 5


def test_a_start_that_was_killed_is_made_up_for_by_the_next(
    tmp_path: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    settings = settings_in(tmp_path)
    small = {"users": 60, "tokens": 60, "seed": 2}
    prepare_past(settings._replace(clock=NOW), small, fresh=False)
    assert settings.paths.sandbox.exists()
    assert not settings.paths.history.exists()
    assert main(["demo", "--clock", (NOW + timedelta(days=2)).isoformat()]) == 0
    assert len(set(pulls(tmp_path))) == 61
    assert [row["state"] for row in rows("journal")] == ["done", "done"]
    assert not settings.paths.unfinished_past.exists()


def test_undo_last_leaves_a_colleagues_run_alone_unless_it_is_named(
    story: Path, rows: Rows, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(story))
    (moved,) = (row["id"] for row in rows("journal") if row["kind"] == "move")
    assert main(["undo", "last", "--profile", "demo"]) == 2
    assert "no run of its own" in capsys.readouterr().err
    assert main(["undo", moved, "--profile", "demo", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)["plan"]["rows"]
    assert [row["outcome"] for row in planned] == ["do", "do", "do"]
    assert main(["report", "run", "last", "--profile", "demo"]) == 0
    assert moved in capsys.readouterr().out

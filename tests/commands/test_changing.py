"""move, revoke, apply, undo, settle, report: the commands that change an organization, over real HTTP."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main
from tokendesk.running.lock import run_lock

__all__ = ["world"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == code, capsys.readouterr()
    return json.loads(capsys.readouterr().out)


def changes(world: World) -> list[str]:
    """Return what was asked of the server that could have changed something."""
    return [
        f"{asked.method} {asked.path}"
        for asked in world.sandbox.log
        if asked.method != "GET" and not asked.path.endswith(("/search", "/bulk-fetch"))
    ]


MOVE = ("move", "users", "policy:default", "status:active", "tokens:>0", "--to", "integr")


def test_a_dry_run_sends_nothing_and_its_rows_are_those_of_the_run(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = len(world.sandbox.log)
    plan = said(capsys, *MOVE)["plan"]
    assert len(world.sandbox.log) == asked
    doing = [row for row in plan["rows"] if row["outcome"] == "do"]
    assert main(["list", "journal", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["quarantine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    run = said(capsys, *MOVE, "--apply", "--write", "--expect", str(len(doing)))
    as_planned = [(row["account_id"], row["outcome"], row["reason"] or None) for row in plan["rows"]]
    as_run = [(row["record"], row["planned"], row["reason"] or None) for row in run["rows"]]
    assert sorted(as_planned) == sorted(as_run)
    assert {row["words"] for row in run["rows"] if row["planned"] == "do"} == {"moved, verified"}
    assert len(changes(world)) == 1


def test_nothing_is_sent_where_a_safety_rule_is_against_it(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    doing = sum(row["outcome"] == "do" for row in said(capsys, *MOVE)["plan"]["rows"])
    right = ("--apply", "--expect", str(doing))
    for arguments, code, words in (
        ((*right,), 5, "Writes are off"),
        (("--apply", "--write", "--expect", str(doing + 1)), 5, "nothing was sent"),
        (("--apply", "--write"), 2, f"--expect {doing}"),
    ):
        assert main([*MOVE, *arguments]) == code
        assert words in capsys.readouterr().err
    monkeypatch.delenv("TOKENDESK_ADMIN_EMAIL")
    assert main([*MOVE, "--apply", "--write", "--expect", str(doing + 1)]) == 5
    assert "must never be moved" in capsys.readouterr().err
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", "gael.novak@example.com")
    with run_lock(world.access.api_url, world.access.org_id):
        assert main([*MOVE, *right, "--write"]) == 5
    assert "Another run on this organization is active" in capsys.readouterr().err
    assert changes(world) == []


def test_a_saved_plan_is_applied_by_somebody_else_or_refused_where_the_world_went_on(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    digest = said(capsys, *MOVE, "--save-plan", str(first))["sha256"]
    said(capsys, *MOVE, "--save-plan", str(second))
    doing = sum(row["outcome"] == "do" for row in json.loads(first.read_text("utf-8"))["plan"]["rows"])
    wrong = ["apply", str(first), "--expect", str(doing), "--write", "--hash", "0" * 64]
    assert main(wrong) == 5
    run = said(capsys, "apply", str(first), "--expect", str(doing), "--write", "--hash", digest)
    assert (run["digest"], run["good"]) == (digest, doing)
    # The other plan has the same users where they were before: by now nothing of it is as it was.
    assert main(["apply", str(second), "--expect", str(doing), "--write"]) == 5
    out, err = capsys.readouterr()
    assert f"{doing} rows changed" in err
    assert "already there" in out
    assert len(changes(world)) == 1


def test_undo_brings_every_user_back_and_the_journal_proves_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = [row["account_id"] for row in said(capsys, *MOVE)["plan"]["rows"] if row["outcome"] == "do"]
    before = world.on_server(accounts)
    run = said(capsys, *MOVE, "--apply", "--write", "--expect", str(len(accounts)))
    assert world.on_server(accounts) != before
    one = run["rows"][0]["name"]
    part = said(capsys, "undo", run["run"][:8], f'name:"{one}"')["plan"]
    assert [row["name"] for row in part["rows"]] == [one]
    back = said(capsys, "undo", "last", "--apply", "--write", "--expect", str(len(accounts)))
    assert back["kind"] == "undo"
    assert world.on_server(accounts) == before
    assert world.shown(accounts) == before
    assert main(["list", "journal", "is:undone", "--format", "json"]) == 0
    (undone,) = json.loads(capsys.readouterr().out)
    assert (undone["id"], undone["undone_by"]) == (run["run"], back["run"])


def test_who_was_moved_by_somebody_else_since_is_not_dragged_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    doing = [row for row in said(capsys, *MOVE)["plan"]["rows"] if row["outcome"] == "do"]
    said(capsys, *MOVE, "--apply", "--write", "--expect", str(len(doing)))
    other = doing[0]["account_id"]
    index = world.made.accounts.find_id(other)
    assert index is not None
    world.made.move(index, world.policy("Contractors"))
    assert main(["pull"]) == 0
    plan = said(capsys, "undo", "last")["plan"]
    refused = {row["account_id"]: row["reason"] for row in plan["rows"] if row["outcome"] == "refused"}
    assert refused == {other: "moved since by somebody else: it is in Contractors now"}


def test_the_report_names_who_when_which_plan_and_every_row(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan = said(capsys, *MOVE)
    doing = [row for row in plan["plan"]["rows"] if row["outcome"] == "do"]
    run = said(capsys, *MOVE, "--apply", "--write", "--expect", str(len(doing)))
    for form in ("text", "markdown", "html"):
        file = tmp_path / f"report.{form}"
        assert main(["report", "run", "last", "--format", form, "-o", str(file)]) == 0
        text = file.read_text("utf-8").replace("\\", "")
        for words in (run["run"], run["digest"], run["tasks"][0], "every entry matches its id", "What this proves"):
            assert words in text
        assert text.count("moved, verified") == len(doing)


def test_revoking_takes_as_many_as_a_run_may_and_says_what_is_left(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    query = ("revoke", "used:never")
    meant = [row["tokens"][0]["token_id"] for row in said(capsys, *query)["plan"]["rows"] if row["outcome"] == "do"]
    assert len(meant) > 3
    run = said(capsys, *query, "--apply", "--write", "--expect", str(min(10, len(meant))))
    assert {row["words"] for row in run["rows"] if row["planned"] == "do"} == {"revoked"}
    assert len(changes(world)) == min(10, len(meant))
    assert main(["undo", "last"]) == 2
    assert "cannot be undone" in capsys.readouterr().err


def test_a_quarantine_ends_by_a_persons_answer_only(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    move = ("move", "tokens", "policy:default", "owner.status:active", "is:idle", "--to", "Executives")
    day = ("--quarantine-until", "2099-01-31")
    assert main([*move[:-1], "Integrations", *day]) == 5
    assert "not known to block" in capsys.readouterr().err
    assert main([*move, "--quarantine-until", ""]) == 2
    assert "needs a date" in capsys.readouterr().err
    until = said(capsys, *move, "--quarantine-until", "2w")["plan"]["quarantine_until"]
    assert until == (date.today() + timedelta(weeks=2)).isoformat()
    doing = sum(row["outcome"] == "do" for row in said(capsys, *move, *day)["plan"]["rows"])
    assert doing
    run = said(capsys, *move, *day, "--apply", "--write", "--expect", str(doing))
    assert main(["list", "journal", "is:quarantined", "--format", "json"]) == 0
    assert [row["quarantine"] for row in json.loads(capsys.readouterr().out)] == ["2099-01-31"]
    assert main(["quarantine"]) == 0
    assert f"until 2099-01-31  {doing} users" in capsys.readouterr().out
    assert main(["quarantine", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["run"], one["until"], one["due"], len(one["users"])) == (run["run"], "2099-01-31", False, doing)
    end = ("quarantine", "end", run["run"][:8], "--put-back")
    assert main([*end, "--apply", "--write", "--expect", str(doing)]) == 0
    assert "has ended: put-back" in capsys.readouterr().out
    assert main(["list", "journal", "is:quarantined", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_settle_has_nothing_to_do_where_nothing_broke_off(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settle"]) == 0
    assert "No run of this desk was interrupted" in capsys.readouterr().err
    assert changes(world) == []


def test_a_quarantine_that_was_undone_is_over(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policies", "name", world.policy("Integrations"), "--tokens", "blocked"]) == 0
    move = (*MOVE, "--quarantine-until", "30d")
    doing = sum(row["outcome"] == "do" for row in said(capsys, *move)["plan"]["rows"])
    said(capsys, *move, "--apply", "--write", "--expect", str(doing))
    assert len(said(capsys, "quarantine")) == 1
    said(capsys, "undo", "last", "--apply", "--write", "--expect", str(doing))
    assert said(capsys, "quarantine") == []

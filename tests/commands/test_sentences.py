"""Short messages: revoked tokens, misplaced options, filters passed on."""

import subprocess
from pathlib import Path

import pytest

from tests.desk.pulled import PRESENT, Command, Office, command, office, pulled
from tests.needs import needs_shell
from tests.practice import organization, serving_access
from tokendesk.cli import main
from tokendesk.commands.parser import command_parser
from tokendesk.commands.registry import COMMANDS
from tokendesk.desk.runs import BEGUN, OUTCOMES
from tokendesk.reporting.plan_text import outcome_lines
from tokendesk.sandbox.faults import with_faults
from tokendesk.views.journal import run_page
from tokendesk.views.readiness import policy_readiness
from tokendesk.views.records import named

__all__ = ["command", "office", "pulled"]


def revoke(office: Office, *tokens: str, outcome: str = "revoked") -> str:
    """Write into the desk that a run revoked these."""
    rows = [
        {
            "account_id": "bo", "name": "Bo Test", "email": "bo@example.com", "from_id": None, "to_id": None,
            "outcome": "do", "reason": "", "tokens": [{"token_id": token, "label": "ci"}],
        }
        for token in tokens
    ]  # fmt: skip
    plan = {"kind": "revoke", "undoes": None, "quarantine_until": None, "rows": rows}
    with office.desk(later=3_600) as desk:
        run_id = desk.append(BEGUN, {"plan": plan, "digest": "d", "key": None}).entry_id
        desk.append(OUTCOMES, {"run": run_id, "rows": {token: [outcome, "", None] for token in tokens}})
        desk.append("run-ended", {"run": run_id, "state": "done", "words": ""})
    return run_id


def test_a_note_on_a_revoked_token_says_that_it_is_revoked(
    command: Command, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = office.records()[:2]
    command("note", f"id:{first}", "--remarks", "x")
    assert "revoked" not in capsys.readouterr().err
    revoke(office, first)
    assert main(["note", f"id:{first}", "--remarks", "y"]) == 0
    assert "this token is revoked." in capsys.readouterr().err
    assert main(["note", f"id:{first},{second}", "--remarks", "z"]) == 0
    assert "1 of these 2 tokens is revoked." in capsys.readouterr().err
    assert named(office.reader, "token", [first], PRESENT)[1].startswith("revoked · ")


@pytest.mark.parametrize("words", [("list", "tokens", "x"), ("note", "x"), ("pull",), ("readiness", "Default")])
def test_a_command_that_changes_nothing_says_why_it_takes_no_write(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = command_parser(next(each for each in COMMANDS if each.name == words[0]))
    with pytest.raises(SystemExit) as ended:
        parser.parse_intermixed_args([*words[1:], "--write"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "this command changes nothing in the organization and has no --write" in said
    assert "unrecognized" not in said


def test_what_became_of_a_run_is_not_done_and_not_done_at_once(office: Office) -> None:
    run_id = revoke(office, *office.records()[:3], outcome="unchecked")
    page = run_page(office.reader, run_id)
    assert page
    assert outcome_lines(page)[-1] == f"Run {run_id[:8]}, ended · 0 of 3 as planned · 3 unknown"


@needs_shell
def test_a_filter_of_a_step_of_readiness_can_be_pasted_into_a_shell(office: Office, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    steps = policy_readiness(office.reader, office.policy("Default"), PRESENT).steps
    assert any("used:" in step.filter for step in steps)
    for step in steps:
        done = subprocess.run(
            ["/bin/sh", "-c", f"printf '%s\\n' {step.filter}"], cwd=empty, capture_output=True, text=True, check=True
        )
        assert list(empty.iterdir()) == []
        if step.plan != "move":  # which leaves out those whose target this is
            assert len(office.ids(" ".join(done.stdout.split("\n")))) == step.tokens, step.filter


def test_check_speaks_of_one_answer_where_one_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving_access(organization(60, 10), with_faults(["policy-unreadable"])) as access:
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
        monkeypatch.setenv("TOKENDESK_API_URL", access.api_url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", access.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", access.key.reveal())
        main(["check"])
    said = capsys.readouterr().out
    assert "one user was returned, without a readable policy id. Its members: " in said

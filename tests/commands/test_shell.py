"""Filters without quotes in a shell, and the confirmation of `note` for many rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.pulled import Command, Office, command, office, pulled
from tests.terminal import all_of

__all__ = ["command", "office", "pulled"]


@pytest.mark.parametrize(
    "words",
    [
        ("note", "policy:default", "-idle", "--decision", "keep"),
        ("note", "idle", "--decision", "keep"),
        ("revoke", "policy:default", "-used"),
        ("move", "users", "tokens", "--to", "Contractors"),
        ("list", "tokens", "-expires"),
        ("letters", "-is:waiting", "created"),
    ],
)
def test_what_a_shell_leaves_of_a_comparison_is_refused(
    command: Command, office: Office, words: tuple[str, ...]
) -> None:
    said = command(*words, code=2)
    assert "the shell interprets < and >" in said
    assert "^" in said
    assert office.records("decision:any") == []


def test_a_word_in_quotes_is_still_a_word(command: Command) -> None:
    assert "id" in command("list", "tokens", '"idle"', "--format", "csv")


def test_a_condition_without_its_value_names_the_quotes(command: Command) -> None:
    assert "in a shell, put the filter in quotes" in command("list", "users", "tokens:", code=2)


@pytest.mark.parametrize(
    ("ranged", "compared"),
    [
        ("idle:90d..", "idle:>=90d"), ("used:..30d", "used:<=30d"), ("expires:..30d", "expires:<=30d"),
        ("-idle:90d..", "-idle:>=90d"), ("owner.tokens:2..", "owner.tokens:>=2"),
        ("created:2026-01..", "created:>=2026-01"),
    ],
)  # fmt: skip
def test_a_range_compares_without_a_sign_of_the_shell(office: Office, ranged: str, compared: str) -> None:
    assert office.records(ranged) == office.records(compared) != []


def test_decided_is_what_has_any_decision(office: Office, command: Command) -> None:
    ids = office.records()[:3]
    command("note", f"id:{','.join(ids)}", "--decision", "keep")
    assert sorted(office.records("decision:any")) == sorted(ids) == sorted(office.records("is:decided"))
    assert len(office.records("decision:none")) == len(office.records()) - 3
    assert office.records("decision:none") == office.records("decision:undecided")


def test_off_a_terminal_a_note_on_many_is_written_with_the_way_back(office: Office, command: Command) -> None:
    many = len(office.records("policy:default"))
    said = command("note", "policy:default", "--decision", "keep")
    assert f"on {many} tokens" in said
    assert "note --undo" in said
    assert len(office.records("decision:keep")) == many


def test_a_note_on_another_number_than_expected_is_refused(office: Office, command: Command) -> None:
    many = len(office.records("policy:default"))
    said = command("note", "policy:default", "--decision", "keep", "--expect", "3", code=5)
    assert f"{many} tokens, not 3: nothing was written" in said
    assert office.records("decision:keep") == []
    command("note", "policy:default", "--decision", "keep", "--expect", str(many))
    assert len(office.records("decision:keep")) == many


@pytest.mark.parametrize("answer", ["", "y", "3"])
def test_on_a_terminal_a_note_on_many_is_written_only_where_the_number_is_typed(
    office: Office, tmp_path: Path, answer: str
) -> None:
    """Standard output goes into a file, as it does where the filter has an unquoted >."""
    many = len(office.records("policy:default"))
    environment = {**os.environ, "TOKENDESK_HOME": str(office.home), "TOKENDESK_PROFILE": "demo"}
    program = (sys.executable, "-m", "tokendesk", "note", "policy:default", "--decision", "keep")
    for typed, code, written in ((answer, 5, 0), (str(many), 0, many)):
        ours, theirs = pytest.importorskip("pty").openpty()
        with (
            (tmp_path / "90d").open("w") as out,
            subprocess.Popen(program, stdin=theirs, stdout=out, stderr=theirs, env=environment) as child,
        ):
            os.close(theirs)
            os.write(ours, f"{typed}\n".encode())
            said = all_of(ours)
            assert child.wait() == code, said
        os.close(ours)
        assert f"This writes on {many} tokens:" in said
        assert f"and {many - 12} more" in said
        assert len(office.records("decision:keep")) == written

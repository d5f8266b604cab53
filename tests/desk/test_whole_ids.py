"""Identifiers: whole for every program that reads them, and the last that is cut on a terminal."""

import pytest

from tests.desk.pulled import Command, Office
from tests.terminal import drawn
from tokendesk.cli import main

COLUMNS = "id,owner_id,label,policy_id,owner,email"


def lines_of(columns: int, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """Return the lines of a command on a terminal so wide."""
    return drawn(monkeypatch, lambda: main(list(arguments)), columns).splitlines()


def test_a_table_for_another_program_cuts_nothing(command: Command, office: Office) -> None:
    rows = office.reader.db.execute(
        "SELECT token_id, owner_id, label FROM token_row WHERE length(label) > 200"
    ).fetchall()
    assert rows
    said = command("list", "tokens", f"id:{rows[0]['token_id']}", "--columns", COLUMNS)
    assert "…" not in said
    assert all(rows[0][name] in said for name in ("token_id", "owner_id", "label"))
    planned = command("revoke", f"id:{rows[0]['token_id']}")
    assert rows[0]["label"] in planned


def test_a_terminal_cuts_labels_and_names_before_any_identifier(
    command: Command, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = office.reader.db.execute(
        "SELECT * FROM token_row WHERE length(label) > 200 AND policy IS NOT NULL"
    ).fetchone()
    command("list", "policies")  # which sets the environment
    asked = ("list", "tokens", f"id:{row['token_id']}", "--columns", COLUMNS)
    wide = lines_of(160, monkeypatch, *asked)[1]
    assert all(row[name] in wide for name in ("token_id", "owner_id", "policy_id"))
    assert "…" in wide
    assert len(wide) <= 160
    narrow = lines_of(70, monkeypatch, *asked)[1]
    assert row["token_id"] not in narrow
    assert len(narrow) <= 70

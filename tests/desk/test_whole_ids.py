"""Identifiers are never cut for other programs, and are cut last on a terminal."""

import pytest

from tests.database import database
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


def test_the_review_of_a_move_never_cuts_the_address_of_who_moves(
    command: Command, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id = office.ids("status:active tokens:1 policy:default", "users")[0]
    account = office.reader.records("users", [row_id])[row_id]
    office.reader.close()
    address = f"{'maximiliane-charlotte-von-und-zu-' * 2}nowhere@example.com"
    with database(office.settings.paths.snapshot) as db:
        db.execute(
            "UPDATE user SET name = ?, email = ?, email_folded = ? WHERE id = ?", ("N" * 60, address, address, row_id)
        )
    command("list", "policies")  # which sets the environment
    said = lines_of(80, monkeypatch, "move", "users", f"id:{account}", "--to", "integrations")
    assert any(address in line for line in said)
    assert not any("N" * 60 in line for line in said), "names are cut where addresses are whole"
    assert address in " ".join(lines_of(160, monkeypatch, "list", "users", f"id:{account}"))

"""A team's database in the configuration, and the commands."""

import sys
from pathlib import Path

import pytest

from tests.desk.conftest import colleague, command, office, pulled
from tests.desk.pulled import Command, Office
from tests.team.conftest import Database
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.team.connection import connected, connection_parameters
from tokendesk.team.setup import WRITER

__all__ = ["colleague", "command", "office", "pulled"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:not-a-word@db.example.com/team",
        "POSTGRES://ada@db.example.com/team?password=not-a-word",
        "postgresql://db.example.com/team?sslpassword=not-a-word",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    (tmp_path / "config.toml").write_text(f'[profiles.acme]\norg_id = "o"\nshare = "{address}"\n', "utf-8")
    with pytest.raises(UsageError, match=r"profile acme, share: .*password file") as refused:
        load_settings("acme", {"TOKENDESK_HOME": str(tmp_path)})
    assert "not-a-word" not in str(refused.value)


@pytest.mark.parametrize("share", ["mysql://db.example.com/x", "host=db.example.com password=not-a-word", "HTTPS://x"])
def test_what_is_neither_a_folder_nor_our_database_is_refused(tmp_path: Path, share: str) -> None:
    (tmp_path / "config.toml").write_text(f'[profiles.acme]\norg_id = "o"\nshare = "{share}"\n', "utf-8")
    with pytest.raises(UsageError, match="must be a folder") as refused:
        load_settings("acme", {"TOKENDESK_HOME": str(tmp_path)})
    assert "not-a-word" not in str(refused.value)


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_a_connection_that_would_not_be_verified_is_refused(mode: str) -> None:
    address = f"postgresql://ada@db.example.com/team?sslmode={mode}&connect_timeout=2"
    with pytest.raises(UsageError, match="sslmode=verify-full"), connected(address):
        pass


@pytest.mark.parametrize(
    ("address", "is_verified"),
    [
        ("postgresql://ada@db.example.com/team", True),
        ("postgresql://ada@/team?host=db.example.com,other.example.com&hostaddr=,", True),
        ("postgresql://ada@/team?host=/run/postgresql,db.example.com", True),
        ("postgresql://ada@/team?host=db.example.com&hostaddr=127.0.0.1", False),
        ("postgresql:///team?service=team", True),
        ("postgresql://ada@localhost/team", False),
        ("postgresql://ada@/team", False),
    ],
)
def test_every_host_that_is_not_this_computer_is_verified(
    address: str, is_verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    found = connection_parameters(f"{address}{'&' if '?' in address else '?'}options=-c%20search_path%3Dx")
    assert (found.get("sslmode") == "verify-full") is is_verified
    assert found["options"] == "-c search_path=x -c statement_timeout=30s"


def test_without_its_package_the_line_that_adds_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"tokendesk\[team\]"), connected("postgresql:///x"):
        pass


def test_notes_come_over_by_the_commands(
    office: Office, colleague: Office, command: Command, database: Database
) -> None:
    said = command("team", "init", database.url())
    assert f"GRANT {WRITER} TO ada" in said
    for author, one in (("ada", office), ("bo", colleague)):
        share = database.login(author, WRITER)
        (one.home / "config.toml").write_text(f'[profiles.demo]\nshare = "{share}"\n', "utf-8")
    command("note", "label:jenkins", "--purpose", "CI")
    said = command("note", "label:backup-nas", "--purpose", "backup", home=colleague.home, err=True)
    assert "new entries from the team's database" in said
    assert len(colleague.records("purpose:any")) == 3
    assert "6 entries of 2 desks, all unchanged" in command("check").partition("team")[2]
    database.run(f'ALTER ROLE "{database.name}_bo" NOLOGIN')
    said = command("note", "label:backup-nas", "--purpose", "other", home=colleague.home, err=True)
    assert "tokendesk: The team's database cannot be used: " in said and "kept on this desk" in said
    assert len(colleague.records("purpose:other")) == 1


def test_an_address_that_is_none_is_refused(command: Command) -> None:
    assert "postgresql://" in command("team", "init", "db.example.com", code=2)
    assert "password" in command("team", "init", "postgresql://a:not-a-word@db.example.com/x", code=2)

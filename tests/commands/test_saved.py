"""A snapshot saved as a file: what it contains, what it omits, and how it is used."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.database import database
from tests.practice import NOW, name_policies, organization, practice, pull_quietly, pulled_home, settings_in
from tokendesk.cli import main
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.errors import Refused
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.views.saved_snapshot import open_saved_snapshot

PURPOSE = "nightly export for the example team"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A small organization pulled twice, with a note and a revoked token in between; and the key it was read with."""
    made = organization(120, 20)
    settings = settings_in(tmp_path_factory.mktemp("home"))
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
        save_snapshot(settings.paths, settings.paths.data / "first.tkd", with_notes=False, at=NOW)
        first, second = [made.tokens.id(life.number) for _, life in made.living()][:2]
        made.revoke(first)
        asyncio.run(pull_quietly(settings, access))
        name_policies(settings, made)
        with Desk(settings.paths.desk, author="admin") as desk:
            write_note(desk, "token", [second], {"purpose": PURPOSE, "decision": "keep"})
        return settings, access.key.reveal()


@pytest.fixture(autouse=True)
def _home(kept: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(kept[0].paths.data.parent))


def rows(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["list", *arguments, "--file", str(file), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_a_saved_file_shows_what_the_panes_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "acme.tkd"
    assert main(["snapshot", "save", str(file), "--with-notes", "--profile", "demo"]) == 0
    assert f"tokendesk open {file}" in capsys.readouterr().err
    before = file.read_bytes()
    for pane in ("tokens", "users", "policies", "changes"):
        shown = rows(capsys, file, pane)
        assert main(["list", pane, "--format", "json", "--profile", "demo"]) == 0
        assert shown == json.loads(capsys.readouterr().out)
    assert [row["purpose"] for row in rows(capsys, file, "tokens", "has:purpose")] == [PURPOSE]
    assert [row["kind"] for row in rows(capsys, file, "changes")] == ["gone"]
    assert len(rows(capsys, file, "users", "policy:default")) > 50
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["acme.tkd"]


def test_without_notes_nothing_that_was_written_goes_along(tmp_path: Path, kept: tuple[Settings, str]) -> None:
    file = tmp_path / "acme.tkd"
    assert main(["snapshot", "save", str(file), "--profile", "demo"]) == 0
    assert PURPOSE.encode() not in file.read_bytes()
    assert main(["snapshot", "save", str(file), "--profile", "demo", "--with-notes", "--replace"]) == 0
    assert PURPOSE.encode() in file.read_bytes()
    assert kept[1].encode() not in file.read_bytes()


def test_a_file_that_is_there_is_never_replaced_unasked(tmp_path: Path, kept: tuple[Settings, str]) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("dear")
    assert main(["snapshot", "save", str(file), "--profile", "demo"]) == 5
    assert file.read_text() == "dear"
    own = kept[0].paths.desk
    before = own.read_bytes()
    assert main(["snapshot", "save", str(own), "--replace", "--profile", "demo"]) == 5
    assert own.read_bytes() == before


def test_a_damaged_history_is_named_and_nothing_is_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = pulled_home(tmp_path / "home", 120, 30)
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
    history = settings.paths.history
    history.write_bytes(history.read_bytes()[:4096])
    assert main(["--profile", "demo", "snapshot", "save", str(tmp_path / "saved.tkd")]) == 2
    assert f"The history {history} cannot be read" in capsys.readouterr().err
    assert not list(tmp_path.glob("*saved*"))


def test_the_desk_of_a_saved_file_cannot_be_written(tmp_path: Path, kept: tuple[Settings, str]) -> None:
    file = tmp_path / "acme.tkd"
    save_snapshot(kept[0].paths, file, with_notes=True, at=NOW)
    with pytest.raises(Refused, match="read-only"):
        Desk(open_saved_snapshot(kept[0].paths, file).desk)


def test_two_saved_files_are_compared_in_the_words_of_the_changes_pane(
    tmp_path: Path, kept: tuple[Settings, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = kept[0].paths.data / "first.tkd", tmp_path / "second.tkd"
    save_snapshot(kept[0].paths, second, with_notes=False, at=NOW)
    assert main(["snapshot", "diff", str(first), str(second), "--format", "json"]) == 0
    assert [(row["kind"], row["subject"]) for row in json.loads(capsys.readouterr().out)] == [("gone", "token")]
    assert main(["snapshot", "diff", str(first), str(second)]) == 0
    assert "gone: revoked or expired" in capsys.readouterr().out


def test_what_is_no_snapshot_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    for file in ("letter.txt", "nowhere.tkd"):
        assert main(["open", str(tmp_path / file)]) == 2
        assert "tokendesk snapshot save" in capsys.readouterr().err


def test_a_file_of_a_newer_format_is_refused(
    tmp_path: Path, kept: tuple[Settings, str], capsys: pytest.CaptureFixture[str]
) -> None:

    file = tmp_path / "acme.tkd"
    save_snapshot(kept[0].paths, file, with_notes=True, at=NOW)
    with database(file) as db:
        db.execute("UPDATE meta SET value = '999.1' WHERE name = 'saved_format'")
    db.close()
    assert main(["list", "tokens", "--file", str(file)]) == 2
    assert "Update tokendesk" in capsys.readouterr().err


def test_a_file_saved_after_a_revocation_shows_the_token_as_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = pulled_home(tmp_path / "home", 60, 12)
    with database(settings.paths.snapshot) as db:
        token_id, owner_id = db.execute("SELECT token_id, owner_id FROM token LIMIT 1").fetchone()
    with database(settings.paths.desk) as db:
        db.execute("INSERT INTO revoked VALUES (?, 'run', ?, 'label', ?)", (token_id, owner_id, "2099-01-01T00:00:00Z"))
    file = tmp_path / "after.tkd"
    save_snapshot(settings.paths, file, with_notes=False, at=NOW)
    assert main(["list", "tokens", "is:revoked", "--file", str(file), "--format", "json"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [token_id]

"""Output to a terminal, a pipe and a file."""

import io
import logging
import stat
import sys
from pathlib import Path

import pytest

from tests.database import database
from tests.desk.pulled import Command, Office
from tests.needs import needs_modes
from tests.terminal import drawn
from tokendesk.cli import main
from tokendesk.desk.notes import write_note
from tokendesk.running.logs import configure_logging
from tokendesk.snapshot.file import snapshot_info

HOSTILE = "␛[31mred"
WRITES_A_FILE = [
    ("list", "tokens", "-o"),
    ("notes", "export"),
    ("notes", "export", "--format", "csv", "-o"),
    ("desk", "export"),
    ("readiness", "default", "-o"),
    ("move", "users", "ada", "--to", "integr", "--save-plan"),
]


def noted(office: Office) -> str:
    """Write a note on the token whose label holds an escape sequence; return its id."""
    token = next(r["token_id"] for r in every(office) if r["label"].startswith("\x1b[31m"))
    with office.desk() as desk:
        write_note(desk, "token", [token], {"purpose": "\x1b[2Jcleared\r\nline two", "contact": "Bo"})
    return str(token)


def every(office: Office) -> list[dict[str, str]]:
    return [dict(row) for row in office.reader.db.execute("SELECT token_id, label FROM main.token")]


@pytest.mark.parametrize("to_file", WRITES_A_FILE)
def test_no_file_of_our_own_is_written_over(to_file: tuple[str, ...], office: Office, command: Command) -> None:
    noted(office)
    desk = office.settings.paths.desk
    before = desk.read_bytes()
    assert "own files" in command(*to_file, str(desk), code=5)
    assert desk.read_bytes() == before


def test_a_misspelt_filter_leaves_the_file_of_yesterday_alone(command: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    report.write_text("yesterday", "utf-8")
    assert "did you mean policy" in command("list", "tokens", "polcy:x", "-o", str(report), code=2)
    assert report.read_text("utf-8") == "yesterday"


@pytest.mark.parametrize("arguments", [("list", "tokens"), ("notes", "export", "--format", "csv")])
def test_a_table_on_a_terminal_has_no_escape_sequence_and_one_in_a_pipe_is_whole(
    arguments: tuple[str, ...], office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = noted(office)
    asked = list(arguments)
    if asked[0] == "list":
        asked += [f"id:{token}", "--format", "csv", "--columns", "label,purpose"]
    assert "\x1b[2J" in command(*asked)
    shown = drawn(monkeypatch, lambda: main(asked))
    assert "\x1b" not in shown and "␛[2J" in shown


@pytest.mark.parametrize("arguments", [("notes", "export", "--format", "csv"), ("letters", "id:{}", "--format", "csv")])
def test_where_lines_end_otherwise_a_table_has_no_empty_rows(
    arguments: tuple[str, ...], office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = noted(office)
    piped = command(*(part.format(token) for part in arguments))
    sent = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(sent, "cp1252", newline="\r\n"))  # as Windows has it
    assert main([part.format(token) for part in arguments]) == 0
    sys.stdout.flush()
    assert sent.getvalue().decode() == piped
    assert b"\r\r\n" not in sent.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "tokens"),
        ("readiness", "default"),
        ("notes", "export"),
        ("letters", "is:in-use"),
        ("move", "users", "ada", "--to", "integr"),
    ],
)
def test_a_closed_standard_output_is_one_sentence(
    arguments: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command("goal")
    monkeypatch.setattr(sys, "stdout", None)
    assert main(list(arguments)) == 2
    assert capsys.readouterr().err.startswith("tokendesk: Standard output is closed")


@pytest.mark.parametrize(
    "arguments", [("revoke",), ("move", "users", "--to", "integr"), ("move", "tokens", " ", "--to", "integr")]
)
def test_a_filter_that_was_forgotten_plans_nothing_for_everybody(arguments: tuple[str, ...], command: Command) -> None:
    assert "a filter" in command(*arguments, code=2)


def test_the_author_of_a_run_at_another_desk_is_drawn_as_text(
    office: Office, command: Command, colleague: Office, tmp_path: Path
) -> None:
    plan: dict[str, object] = {"rows": [], "kind": "move", "undoes": None, "quarantine_until": None}
    with colleague.desk("\x1b[2Jmallory") as desk:
        desk.append("run-begun", {"plan": plan, "digest": "d", "key": None})
    command("desk", "export", str(tmp_path / "desk.jsonl"), home=colleague.home)
    command("desk", "import", str(tmp_path / "desk.jsonl"), "--apply")
    said = command("settle", err=True)
    assert "␛[2Jmallory started run" in said and "\x1b" not in said


@pytest.mark.parametrize("harm", ["cut", "garbled"])
def test_a_damaged_snapshot_is_one_sentence_and_a_pull_mends_it(harm: str, office: Office, command: Command) -> None:
    path = office.settings.paths.snapshot
    office.reader.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:60_000] if harm == "cut" else whole[:4_096] + bytes(b ^ 0x5A for b in whole[4_096:]))
    for arguments in (("list", "tokens"), ("note", "ada", "--purpose", "x"), ("readiness", "default"), ("goal",)):
        assert "tokendesk pull" in command(*arguments, code=2)


def test_a_snapshot_that_is_damaged_further_in_is_one_sentence_too(office: Office, command: Command) -> None:
    path = office.settings.paths.snapshot
    office.reader.close()
    whole = bytearray(path.read_bytes())
    size = int.from_bytes(whole[16:18])
    with database(path) as db:
        roots = db.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('user', 'user_facts')").fetchall()
    for (page,) in roots:
        whole[(page - 1) * size : (page - 1) * size + 200] = b"\x5a" * 200
    path.write_bytes(whole)
    assert snapshot_info(path)
    assert "tokendesk pull" in command("list", "users", code=2)


@needs_modes
def test_every_file_is_for_its_owner_only(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("tokendesk")
    monkeypatch.setattr(logger, "handlers", [])  # a process has one log, and another test may have begun it
    configure_logging(office.settings.paths.log)
    logger.warning("a word")
    for handler in logger.handlers:
        handler.close()
    found = [path for path in office.home.rglob("*") if path.is_file()]
    assert {"tokendesk.log", "desk.sqlite", "current", office.settings.paths.snapshot.name} <= {
        path.name for path in found
    }
    assert [path.name for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []

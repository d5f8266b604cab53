"""Letters to owners: one each, with all their tokens; no label becomes a path or a formula."""

import csv
import io
from pathlib import Path

import pytest

from tests.desk.pulled import Command, Office
from tokendesk.desk.notes import write_note

ASKED = "purpose:none owner.status:active"


def test_each_owner_gets_one_letter_with_all_their_tokens(office: Office, command: Command, tmp_path: Path) -> None:
    with office.desk() as desk:
        write_note(desk, "token", office.records("owner:svc"), {"contact": "Team Ops <ops@example.com>"})
    folder = tmp_path / "letters"
    said = command("letters", ASKED, "--to", str(folder), both=True)
    texts = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert f"Wrote {len(texts)} letters about" in said
    machines = office.records("owner:svc owner.status:active purpose:none")
    (ops,) = [text for text in texts.values() if "Hello Team Ops," in text]
    assert ops.count("\n- ") == len(machines) + 3 and ops.count("  owner:     svc-") == len(machines)
    assert "about 1 API token:" in "".join(texts.values())
    rows = office.reader.db.execute(
        "SELECT owner FROM token_row WHERE owner_status = 'active' GROUP BY owner HAVING count(*) > 1"
    ).fetchall()
    for (owner,) in [tuple(row) for row in rows if not row[0].startswith("svc-")][:5]:
        assert sum(f"Hello {owner}," in text for text in texts.values()) <= 1
    assert all(text.isprintable() for letter in texts.values() for text in letter.split("\n"))
    assert all(path.parent == folder and path.name.isascii() for path in folder.iterdir())
    assert "is there already" in command("letters", ASKED, "--to", str(folder), code=2)


def test_nobody_is_asked_who_cannot_answer(office: Office, command: Command) -> None:
    said = command("letters", "is:owner-inactive", err=True)
    gone = len(office.records("is:owner-inactive"))
    assert said.count("nobody to ask about") == gone
    assert "owner deactivated" in said or "owner closed" in said
    assert "0 letters about 0 tokens. Nothing was sent." in said


def test_asking_is_recorded_and_can_be_taken_back(office: Office, command: Command) -> None:
    token = office.records("owner.status:active title:any")[0]
    with office.desk() as desk:
        write_note(desk, "token", [token], {"decision": "keep", "answer": "an old one"})
    said = command("letters", "owner.status:active title:any", "--record", "--reply-by", "2026-12-24", both=True)
    asked = office.records("is:waiting")
    assert f"Recorded {said.count('Hello ')} people as asked." in said
    assert "by 24 Dec 2026, for each token:" in said
    assert set(office.records("reply:2026-12-24 asked:today")) == set(asked) and token in asked
    assert office.records("decision:keep") == [token]
    assert len(office.records("decision:ask")) == len(asked) - 1
    command("note", "--undo")
    command("note", "--undo")
    assert office.records("is:waiting") == []


def test_a_mail_merge_gets_a_table_without_formulas(office: Office, command: Command, tmp_path: Path) -> None:
    with office.desk() as desk:
        write_note(desk, "token", office.records(), {"contact": '=HYPERLINK("x") a@example.com'})
    command("letters", "created:any", "--format", "csv", "--to", str(tmp_path / "out"))
    with (tmp_path / "out" / "letters.csv").open(encoding="utf-8", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert row["name"].startswith("'=HYPERLINK") and row["email"] == "a@example.com"
    assert row["tokens"] == "82" and row["subject"] == "What are your Atlassian API tokens for?"
    assert row["text"].startswith("Hello ") and "\x1b" not in row["text"]
    assert list(csv.DictReader(io.StringIO(command("letters", "created:any", "--format", "csv"), newline=""))) == [row]


@pytest.mark.parametrize("broken", ["\r", "\n", "\r\n"])
def test_a_line_break_in_a_name_begins_no_row_of_the_table(
    office: Office, command: Command, tmp_path: Path, broken: str
) -> None:
    with office.desk() as desk:
        write_note(desk, "token", office.records(), {"contact": f"Ada{broken}=1+1 a@example.com"})
    command("letters", "created:any", "--format", "csv", "--to", str(tmp_path / "out"))
    with (tmp_path / "out" / "letters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2 and len(rows[1]) == len(rows[0])
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def test_the_admin_writes_the_letter(office: Office, command: Command) -> None:
    assert command("letters", "--template").startswith("Subject: ")
    own = office.home / "letter.txt"
    own.write_text("Dear $name ($count, $$5)\n${tokens}", "utf-8")
    with office.desk() as desk:
        write_note(desk, "token", office.records("label:jenkins"), {"contact": "$sender {0} %s"})
    assert "Dear $sender {0} %s (2 API tokens, $5)\n- jenkins-old" in command("letters", "label:jenkins")
    own.write_text("Dear $nam", "utf-8")
    assert "placeholder $nam" in command("letters", "label:jenkins", code=2)
    own.write_text("costs $ 5", "utf-8")
    assert "Write $$" in command("letters", "label:jenkins", code=2)
    own.unlink()
    assert "Add a filter for the tokens" in command("letters", code=2)
    assert "Not a valid date" in command("letters", "jenkins", "--reply-by", "soon", code=2)

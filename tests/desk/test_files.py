"""Exporting and importing notes and policy facts with the commands."""

import csv
import json
from pathlib import Path

import pytest

from tests.desk.pulled import PRESENT, Command, Office
from tests.practice import NOW
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.desk.policies import write_policy
from tokendesk.views.details import details

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\tx",
    "\rx",
    "'=1",
    "''",
    "'plain",
    'a,b;"c"\nd',
    "  spaces ",
    "\x1b[2J",
    "עברית",
    "x" * 10_000,
)


def notes(office: Office) -> list[tuple[object, ...]]:
    return [tuple(row) for row in office.reader.db.execute("SELECT * FROM desk.note ORDER BY about, subject")]


def test_notes_go_to_a_colleague_as_entries_and_twice_changes_nothing(
    office: Office, colleague: Office, command: Command, tmp_path: Path
) -> None:
    records = office.records()
    with office.desk("ada") as desk:
        for number, text in enumerate(HOSTILE):
            write_note(desk, "token", [records[number]], {"purpose": text, "tag:ci": True})
        write_note(desk, "token", ["never-seen"], {"purpose": "CI"})
    file = str(tmp_path / "ada.jsonl")
    assert "15 entries" in command("notes", "export", "-o", file, err=True)
    with colleague.desk("bo", later=60) as desk:
        write_note(desk, "token", [records[0]], {"purpose": "bo's own"})
    said = command("notes", "import", file, home=colleague.home, both=True)
    assert "15 of them new (ada 15)" in said and "New: 14 tokens." in said and "never-seen" in said
    assert "Nothing was imported" in said and len(notes(colleague)) == 1
    command("notes", "import", file, "--apply", home=colleague.home)
    command("notes", "import", file, "--apply", home=colleague.home)
    mine = {(row[0], row[1], row[2]) for row in notes(office)}
    assert {(row[0], row[1], row[2]) for row in notes(colleague)} - mine == {("token", records[0], "bo's own")}
    assert len(notes(colleague)) == len(notes(office))


def test_an_edited_line_is_named_and_the_rest_is_taken_in(
    office: Office, colleague: Office, command: Command, tmp_path: Path
) -> None:
    with office.desk("ada") as desk:
        write_note(desk, "token", ["t1"], {"purpose": "one"})
        write_note(desk, "token", ["t2"], {"purpose": "two"})
    file = tmp_path / "ada.jsonl"
    command("notes", "export", str(file))
    file.write_text(file.read_text("utf-8").replace('"one"', '"won"'), "utf-8")
    said = command("notes", "import", str(file), "--apply", home=colleague.home, code=1)
    assert "line 2" in said and "was edited" in said
    assert [row[1] for row in notes(colleague)] == ["t2"]


def test_a_table_that_was_edited_comes_back_and_says_all_it_overwrites(
    office: Office, command: Command, tmp_path: Path
) -> None:
    records = office.records()
    with office.desk("ada") as desk:
        for number, text in enumerate(HOSTILE):
            write_note(desk, "token", [records[number]], {"purpose": text, "tag:ci": True, "tag:old": True})
    file = tmp_path / "notes.csv"
    command("notes", "export", "-o", str(file))
    assert "0 of them with changes" in command("notes", "import", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())
    first, second, third = (next(row for row in rows if row["id"] == records[n]) for n in (0, 1, 2))
    first.update(purpose="Closing the books", decision="keep", tags="ci, finance")
    second.update(purpose="", remarks="'=kept as it is")
    third.update(purpose="too late")
    with office.desk("bo", later=60) as desk:
        write_note(desk, "token", [records[2]], {"purpose": "newer"})
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    said = command("notes", "import", str(file))
    for words in ("=1+1 → Closing the books", "tag old: True → none", "+1 → none", "newer (in the file: too late)"):
        assert words in said
    assert "Overwritten: 3 fields." in said and "Conflicting: 1 field," in said
    assert office.records("decision:keep") == []
    command("notes", "import", str(file), "--apply")
    found = {row[1]: row for row in notes(office)}
    assert office.records("decision:keep tag:finance -tag:old") == [records[0]]
    assert found[records[0]][2] == "Closing the books" and found[records[2]][2] == "newer"
    assert office.records("remarks:any") == [records[1]]


BREAKS = ("a\r=1+1", "a\n=1+1", "a\r\n=1+1", "\r=1+1", "\n=1+1", "\r\n=1+1", "'\n=1+1", "a\r", 'a,\r"=1+1')


def test_what_is_behind_a_line_break_begins_no_row_and_comes_back(
    office: Office, colleague: Office, command: Command, tmp_path: Path
) -> None:
    records = office.records()[: len(BREAKS)]
    with office.desk("ada") as desk:
        for record, text in zip(records, BREAKS, strict=True):
            write_note(desk, "token", [record], {"purpose": text})
    file = tmp_path / "notes.csv"
    command("notes", "export", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert len(rows) == len(BREAKS) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert "0 of them with changes" in command("notes", "import", str(file))
    command("notes", "import", str(file), "--apply", home=colleague.home)
    with colleague.desk() as desk:
        assert tuple(desk.fields("token", record)["purpose"].value for record in records) == BREAKS


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"a,b\n1,2\n", "about and id"), (b"\xff\xfe", "UTF-8"), (b'about,id\ntoken,"x', "valid CSV"),
     (b"about,id,id\n1,2,3\n", "two columns"), (b'{"tokendesk":"plan"}\n', "not a file of"), (b"{", "not a file of")],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_one_sentence(
    office: Office, command: Command, tmp_path: Path, content: bytes, word: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    assert word in command("notes", "import", str(tmp_path / "file"), "--apply", code=2)
    assert notes(office) == []


def test_rows_that_cannot_be_are_named_and_the_others_written(office: Office, command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(
        "about,id,decision,review_by,tags\ntoken,t1,keep,,\ntoken,t2,sell,,\ntoken,t3,,soon,\nhouse,t4,keep,,\ntoken,t1,revoke,,\ntoken,t5\n",
        "utf-8",
    )
    said = command("notes", "import", str(tmp_path / "file"), "--apply", code=1)
    assert [line.split(": ")[1] for line in said.splitlines() if "row" in line] == [
        f"{tmp_path / 'file'}, row {number}" for number in (3, 4, 5, 6)
    ]
    assert [(row[1], row[4]) for row in notes(office)] == [("t1", "keep")]


def test_a_desk_is_handed_over_whole(office: Office, command: Command, tmp_path: Path) -> None:
    with office.desk("ada") as desk:
        write_note(desk, "token", ["t1"], {"purpose": "one"})
        write_policy(desk, office.policy("Default"), {"tokens": "allowed"})
        before = [entry.entry_id for entry in desk.entries()]
    file = str(tmp_path / "all.jsonl")
    command("desk", "export", file)
    heir = tmp_path / "heir"
    assert "Nothing was imported" in command("desk", "import", file, home=heir, err=True)
    command("desk", "import", file, "--apply", home=heir)
    with Desk(heir / "demo" / "desk.sqlite") as desk:
        assert [entry.entry_id for entry in desk.entries()] == before
        assert desk.org_id == office.reader.info.org_id  # type: ignore[union-attr]
        assert desk.fields("token", "t1")["purpose"].value == "one"


def test_before_the_first_pull_a_desk_takes_in_its_own_organization_only(
    office: Office, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.desk() as desk:
        write_note(desk, "token", [office.records()[0]], {"purpose": "backup"})
    file, new = tmp_path / "desk.jsonl", tmp_path / "new"
    command("desk", "export", str(file))
    monkeypatch.setenv("TOKENDESK_PROFILE", "acme")
    monkeypatch.delenv("TOKENDESK_CLOCK")
    monkeypatch.setenv("TOKENDESK_ORG_ID", "another")
    assert "not of another" in command("desk", "import", str(file), "--apply", home=new, code=2)
    monkeypatch.setenv("TOKENDESK_ORG_ID", str(office.reader.info.org_id if office.reader.info else ""))
    assert "Imported" in command("desk", "import", str(file), "--apply", home=new)


def test_a_shared_folder_in_the_config_brings_notes_over_with_every_command(
    office: Office, colleague: Office, command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    for one in (office, colleague):
        (one.home / "config.toml").write_text(f"[profiles.demo]\nshare = {json.dumps(str(folder))}\n", "utf-8")
    command("note", "label:jenkins", "--purpose", "CI")
    said = command("note", "label:backup-nas", "--purpose", "backup", home=colleague.home, err=True)
    assert "new entries from the shared folder" in said
    assert len(colleague.records("purpose:any")) == 3
    (folder / "broken.jsonl").write_text("nonsense\n", "utf-8")
    assert "broken.jsonl" in command("note", "--undo", err=True)
    assert office.records("purpose:=backup") == office.records("label:backup-nas")


def test_check_looks_at_the_desk_before_it_asks_for_a_key(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOKENDESK_CLOCK")
    (office.home / "lone").mkdir()
    office.settings.paths.desk.rename(office.home / "lone" / "desk.sqlite")
    (office.home / "config.toml").write_text('[profiles.lone]\nauthor = "ada"\n', "utf-8")
    said = command("check", "--profile", "lone", code=2, both=True)
    assert "entries of 1 desk, all unchanged" in said and "TOKENDESK_ORG_ID" in said


def members(office: Office, path: Path, names: dict[str, str]) -> str:
    """Write the console's list of members; `names`: by the policy as pulled, what the console calls it."""
    rows = office.reader.db.execute("SELECT email, policy_name FROM user_row WHERE email IS NOT NULL").fetchall()
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Name", "Email", "Last active time", "Status", "Policy name", "Policy type"])
        for email, policy in rows:
            writer.writerow(["x", email.upper(), "", "active", names.get(policy, policy), "billable"])
        writer.writerow(["y", "nobody@example.com", "", "active", "Empty one", "billable"])
    return str(path)


def test_policies_are_named_by_the_consoles_list_of_members(office: Office, command: Command, tmp_path: Path) -> None:
    file = members(
        office, tmp_path / "members.csv", {"Default": "=Main", "Integrations": "Machines", "Executives": "Machines"}
    )
    default = office.policy("Default")
    said = command("policies", "import", file, code=1, both=True)
    assert f"=Main: {default} (" in said and "called Default here" in said
    assert "Machines was skipped: its members are in several policies" in said
    assert "Empty one was skipped: none of its members" in said
    assert office.policy("Default") == default
    command("policies", "import", file, "--apply", code=1)
    assert office.policy("=Main") == default
    assert office.records("name:machines", "policies") == []


def test_what_is_known_of_a_policy_says_who_said_it(office: Office, command: Command) -> None:
    def shown(name: str) -> str:
        found = details(office.reader, "policies", office.ids(f'name:="{name}"', "policies")[0], PRESENT)
        assert found is not None
        return next(fact.value for section in found.sections for fact in section.facts if fact.name == "API tokens")

    count = len(office.records("policy:=Default"))
    assert shown("Default") == f"allows? ({count} of {count} tokens of members, as Atlassian lists them)"
    with office.desk("ada") as desk:
        write_policy(desk, office.policy("Default"), {"tokens": "allowed"})
    assert shown("Default") == f"allows (ada said, {NOW.day} Nov 2026)"
    command("policies", "name", "default", "Main", "--tokens", "blocked", "--remarks", "since the switch")
    assert office.records("setting:blocked remarks:switch", "policies") == [office.policy("Main")]


def test_a_policy_is_added_before_it_has_members(office: Office, command: Command) -> None:
    command("policies", "add", "abcd-1234", "Service accounts", "--tokens", "allowed")
    assert office.policy("Service accounts") == "abcd-1234"
    assert "already known" in command("policies", "add", "abcd-1234", "Again", code=2)
    assert "not a policy id" in command("policies", "add", "x y", "Again", code=2)
    assert "There is no policy" in command("policies", "name", "nope", "Again", code=2)
    command("note", "label:jenkins", "--to", "service accounts")
    assert len(office.records("target:service")) == 2
    command("policies", "add", "abcd-5678", "Service Accounts")
    assert "Use an id" in command("note", "label:jenkins", "--to", "service accounts", code=2)

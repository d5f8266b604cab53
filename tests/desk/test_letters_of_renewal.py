"""`tokendesk letters --renewal`: what ends soon, one letter per contact, recorded as asked."""

import csv
from pathlib import Path

from tests.desk.pulled import Command, Office
from tokendesk.desk.notes import write_note

OPEN = "is:renewal -renewal:lapse,renewed"


def test_without_a_filter_it_writes_about_all_that_is_due(office: Office, command: Command, tmp_path: Path) -> None:
    due = office.records(OPEN)
    said = command("letters", "--renewal", "--to", str(tmp_path / "out"), both=True)
    nobody = said.count("nobody to ask about")
    written = "\n".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    assert len(due) == written.count("\n  ends: ") + nobody > nobody > 0
    assert "left out" not in said
    assert office.records("is:waiting") == []


def test_asking_is_recorded_in_one_entry_without_a_decision(office: Office, command: Command) -> None:
    office.reader.close()
    said = command("letters", "--renewal", "--record", "--reply-by", "2026-12-24", both=True)
    again = Office(office.settings)
    asked = again.records("renewal:asked")
    assert len(asked) == said.count("\n  ends: ") > 0
    assert again.records("is:waiting reply:..2026-12-24 asked:today decision:undecided") == asked
    command("note", "--undo")
    assert again.records("is:waiting") == []
    again.reader.close()


def test_what_a_filter_finds_beside_is_left_out_and_counted(office: Office, command: Command) -> None:
    sure = office.records(OPEN)
    with office.desk() as desk:
        write_note(desk, "token", sure[:1], {"renewal": "lapse"})
    said = command("letters", "--renewal", "created:any", both=True)
    (left_out,) = [line for line in said.splitlines() if "left out" in line]
    assert f" {83 - len(sure)} left out: " in left_out
    assert "1 noted to lapse" in left_out and f"{82 - len(sure)} not due for renewal" in left_out
    assert said.count("\n  ends: ") + said.count("nobody to ask about") == len(sure) - 1


def test_credentials_are_asked_about_in_a_table_too(office: Office, command: Command, tmp_path: Path) -> None:
    said = command(
        "letters", "--renewal", "--credentials", "--format", "csv", "--to", str(tmp_path), "--record", both=True
    )
    assert "Wrote 1 letter about 1 credential to" in said
    with (tmp_path / "letters.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["subject"] == "Please renew what ends soon in Atlassian"
    assert len(office.records("renewal:asked", "credentials")) == 1


def test_the_template_is_printed_and_replaced_by_the_admins(office: Office, command: Command) -> None:
    text = command("letters", "--renewal", "--template")
    assert text.startswith("Subject: Please renew") and "$how" in text
    (office.home / "renewal.txt").write_text("Dear $name: $count\n", "utf-8")
    assert "Dear " in command("letters", "--renewal")
    assert "What are your" in command("letters", "--template")


def test_credentials_need_renewal(command: Command) -> None:
    assert "--credentials needs --renewal" in command("letters", "--credentials", "kind:key", code=2)


def test_the_list_counts_by_the_state_of_renewals(office: Office, command: Command) -> None:
    due = office.records("is:renewal")
    with office.desk() as desk:
        write_note(desk, "token", due[:1], {"renewal": "promised"})
    rows = [line.split()[:2] for line in command("list", "tokens", "is:renewal", "--by", "renewal").splitlines()[1:]]
    assert rows == [["not-asked", str(len(due) - 1)], ["promised", "1"]]
    assert "SIEM" in command("list", "credentials", "is:renewal")

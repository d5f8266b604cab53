"""Notes of renewals on the command line, in tables, and in the details."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk.pulled import Command, Office
from tests.practice import NOW
from tests.renewed import NEW, OLD, OTHER, renewed_home, run_rule
from tests.tui.driver import notes
from tokendesk.config import Settings
from tokendesk.desk.notes import write_note
from tokendesk.views.details import details
from tokendesk.views.records import predecessors

PRESENT = int(NOW.timestamp())


def test_the_state_of_a_renewal_is_written_emptied_and_shown(office: Office, command: Command) -> None:
    token = office.records("is:renewal")[0]
    said = command("note", f"id:{token}", "--renewal", "promised")
    assert said.startswith("Wrote renewal promised on ")
    assert office.records("renewal:promised") == [token]
    (row_id,) = office.ids("renewal:promised")
    shown = details(office.reader, "tokens", row_id, PRESENT)
    assert shown is not None
    assert ("renewal", "promised, as noted") in [(f.name, f.value) for s in shown.sections for f in s.facts]
    command("note", f"id:{token}", "--renewal", "")
    assert office.records("renewal:promised") == []
    (key,) = office.records("is:renewal kind:key", "credentials")
    command("note", "--credentials", f"record:{key}", "--renewal", "lapse")
    assert office.records("renewal:lapse", "credentials") == [key]


def test_users_have_no_renewals(command: Command) -> None:
    assert "A user is not renewed." in command("note", "--users", "id:x", "--renewal", "asked", code=2)
    with pytest.raises(SystemExit):
        command("note", "id:x", "--renewal", "soon")


def test_tables_of_notes_carry_renewals_both_ways(office: Office, command: Command, tmp_path: Path) -> None:
    token, other = office.records("is:renewal")[:2]
    command("note", f"id:{token}", "--renewal", "promised", "--purpose", "kept")
    command("note", f"id:{other}", "--renewal", "asked")
    file = tmp_path / "notes.csv"
    file.write_text(command("notes", "export", "--format", "csv"), "utf-8")
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert {row["id"]: row["renewal"] for row in rows} == {token: "promised", other: "asked"}
    for row in rows:
        row["renewal"] = {"promised": "lapse", "asked": "=soon"}[row["renewal"]]
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    said = command("notes", "import", str(file), "--apply", code=1, both=True)
    assert "renewal: promised → lapse" in said and "renewal: asked" not in said
    assert "'=soon' is not a state of a renewal. Use one of: asked, promised, lapse." in said
    again = Office(office.settings)
    assert again.records("renewal:lapse purpose:kept") == [token]
    assert again.records("renewal:asked") == [other]
    again.reader.close()


# --- what replaces what


def test_a_credential_continues_the_note_of_another_of_its_kind(office: Office, command: Command) -> None:
    old, new = office.records("kind:key", "credentials")[:2]
    with office.desk() as desk:
        write_note(desk, "credential", [old], {"purpose": "Feeds the archive"})
    said = command("note", "--credentials", f"record:{new}", "--replaces", old.partition(":")[2])
    assert "Wrote purpose Feeds the archive, replaces " in said
    assert f"credential {old}" not in said
    assert office.records("purpose:archive", "credentials") == sorted([old, new], key=[old, new].index)
    written = {row["subject"]: row["replaces"] for row in notes(office.settings)}
    assert written == {old: None, new: old}
    command("note", "--credentials", f"record:{new}", "--replaces", "")
    assert {row["subject"]: row["replaces"] for row in notes(office.settings)} == {old: None, new: None}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("kind:key", "--replaces", "x"), "--replaces is for one credential; the filter matches"),
        (("name:SIEM kind:key", "--replaces", "nobody"), "Unknown credential nobody"),
    ],
)
def test_what_cannot_be_replaced_is_refused(command: Command, arguments: tuple[str, ...], why: str) -> None:
    assert why in command("note", "--credentials", *arguments, code=2)


def test_a_form_offers_what_a_credential_may_renew(office: Office) -> None:
    due = office.records("is:renewal", "credentials")
    found = {
        record: [each.record for each in predecessors(office.reader, "credential", [record], PRESENT)]
        for record in office.records("", "credentials")
    }
    offered = {old for olds in found.values() for old in olds}
    assert offered and offered <= {*due}
    assert all(record not in olds for record, olds in found.items())
    assert predecessors(office.reader, "credential", due, PRESENT) == []


# --- what the rule wrote


@pytest.fixture
def renewed(tmp_path: Path) -> Settings:
    settings = renewed_home(tmp_path / "renewed")
    assert run_rule(settings)
    return settings


Run = Callable[..., str]


@pytest.fixture
def run(renewed: Settings, command: Command) -> Run:
    return lambda *arguments, **more: command(*arguments, home=renewed.paths.config_file.parent, **more)


def test_what_the_rule_wrote_is_undone_once_and_never_proposed_again(renewed: Settings, run: Run) -> None:
    said = run("note", f"id:{NEW}", "--undo-take-over")
    assert said == "Undid 1 take-over by the rule for renewals.\n"  # --undo would undo something else
    assert {row["subject"]: row["replaces"] for row in notes(renewed)} == {OLD: None}
    assert run_rule(renewed) == ""
    assert "The rule for renewals wrote nothing here." in run("note", f"id:{NEW}", "--undo-take-over", code=2)
    run("note", f"id:{NEW}", "--replaces", OLD)
    assert {row["subject"]: row["replaces"] for row in notes(renewed)} == {OLD: None, NEW: OLD}
    assert "wrote nothing" in run("note", f"id:{OTHER}", "--undo-take-over", code=2)


def test_a_colleagues_own_note_is_not_undone_with_the_rules(renewed: Settings, run: Run) -> None:
    run("note", f"id:{NEW}", "--remarks", "Runs on build-3")
    run("note", f"id:{NEW}", "--undo-take-over")
    (new,) = [row for row in notes(renewed) if row["subject"] == NEW]
    assert (new["remarks"], new["purpose"], new["replaces"]) == ("Runs on build-3", None, None)

"""Notes on the practice organization: suggestions, history, successors and undo."""

import sqlite3
from contextlib import closing

import pytest

from tests.desk.pulled import PRESENT, Command, Office
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.notes import take_over, undo, write_note
from tokendesk.desk.undoing import describe_undone_entry, latest
from tokendesk.errors import UsageError
from tokendesk.model.labels import alike, family, is_machine
from tokendesk.views.details import details
from tokendesk.views.facts import Details
from tokendesk.views.notes import contact_of, note_history, suggested_purposes, tags_used, used_before
from tokendesk.views.reader import Row
from tokendesk.views.successors import offers


def row(office: Office, record: str) -> Row:
    found = office.reader.row("tokens", office.reader.find("tokens", record) or 0, PRESENT)
    assert found is not None
    return found


def shown(office: Office, pane: str, record: str) -> Details:
    found = details(office.reader, pane, office.reader.find(pane, record) or 0, PRESENT)
    assert found is not None
    return found


def facts(said: Details) -> dict[str, str]:
    return {fact.name: fact.value for section in said.page("Facts") for fact in section.facts}


def undo_latest(desk: Desk, since: int = 0) -> tuple[Entry, Entry] | None:
    entry = latest(desk, since)
    return None if entry is None else (entry, undo(desk, entry))


def test_undo_takes_back_one_entry_of_this_session_at_a_time(office: Office) -> None:
    with office.desk() as desk:
        write_note(desk, "token", ["t"], {"purpose": "before the session"})
        since = desk.sequence
        write_note(desk, "token", ["t"], {"purpose": "CI", "tag:build": True})
        write_note(desk, "token", ["t", "u"], {"decision": "revoke"})
        said = []
        while undone := undo_latest(desk, since):
            said.append(describe_undone_entry(undone[0], lambda about, subject: f"[{subject}]"))
        assert said == ["decision revoke on 2 tokens", "purpose CI, tag build on [t]"]
        assert desk.fields("token", "t")["purpose"].value == "before the session"
        assert "decision" not in desk.fields("token", "t")
        before = latest(desk)
        assert before is not None and before.sequence == since


def test_an_undo_can_be_taken_back_and_then_the_entry_is_the_latest_again(office: Office) -> None:
    with office.desk() as desk:
        entry = write_note(desk, "token", ["t"], {"purpose": "CI"})
        undone = undo_latest(desk)
        assert undone is not None and describe_undone_entry(undone[1]) == "an undo"
        undo(desk, undone[1])
        assert latest(desk) == entry
        assert desk.fields("token", "t")["purpose"].value == "CI"


def test_the_words_of_an_entry_are_one_clean_line(office: Office) -> None:
    with office.desk() as desk:
        entry = write_note(desk, "token", ["t"], {"remarks": "[/x]\n\x1b[2J" + "y" * 9_000})
    said = describe_undone_entry(entry, lambda about, subject: "evil\nlabel\x1b[0m")
    assert said.isprintable() and len(said) < 120


def test_a_decision_that_changes_leaves_no_target_behind(office: Office) -> None:
    with office.desk() as desk:
        write_note(desk, "token", ["t"], {"decision": "move", "target": "p1"})
        write_note(desk, "token", ["t"], {"decision": "keep"})
        assert desk.fields("token", "t")["target"].value is None


@pytest.mark.parametrize(
    "fields", [{"review_by": "soon"}, {"review_by": "2026-02-30"}, {"reply_by": "20261231"}, {"tag:a,b": True},
               {"tag: ": True}, {"tag:a\nb": True}, {"decision": "sell"}],
)  # fmt: skip
def test_what_no_note_can_hold_is_refused(office: Office, fields: dict[str, str | bool]) -> None:
    with office.desk() as desk:
        before = desk.sequence
        with pytest.raises(UsageError):
            write_note(desk, "token", ["t"], fields)
        assert desk.sequence == before


def test_purposes_of_tokens_labelled_alike_are_offered_first(office: Office) -> None:
    jenkins, quarter = office.records("label:jenkins"), office.records('label:"quarter end"')
    assert (len(jenkins), len(quarter)) == (2, 3)
    with office.desk() as desk:
        write_note(desk, "token", quarter, {"purpose": "Closes the books", "tag:finance": True})
        write_note(desk, "token", jenkins, {"purpose": "CI build agent", "tag:ci": True})
        write_note(
            desk, "token", office.records("label:curl")[:1], {"purpose": "Closes the books", "tag:finance": True}
        )
    offered = suggested_purposes(office.reader, ["Copy of jenkins 2025"])
    assert [(one.text, one.why) for one in offered] == [
        ("CI build agent", "2 tokens labelled jenkins* have it"),
        ("Closes the books", "used 4 times"),
    ]
    assert [one.text for one in used_before(office.reader, "purpose")] == ["Closes the books", "CI build agent"]
    assert [(one.text, one.count) for one in tags_used(office.reader)] == [("finance", 4), ("ci", 2)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("jenkins", "jenkins-old", True), ("Copy of confluence export 2025", "confluence-export", True),
     ("test2 2022", "test2", True), ("backup-nas", "ci-deploy", False), ("", "", True), ("", "jenkins", False),
     ("גיבוי לילי", "גיבוי לילי 2", True), ("12345", "99999", False)],
)  # fmt: skip
def test_labels_are_alike_as_people_renew_them(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_integration_accounts_are_told_from_people() -> None:
    assert is_machine("svc-backup", "svc-backup@example.com")
    assert is_machine("Deploy gate", "x@serviceaccount.atlassian.com")
    assert not is_machine("Bo Archer", "bo.archer@example.com")
    assert family("jenkins-old 2") == "jenkins"


def test_the_contact_is_the_owner_but_never_one_who_cannot_answer(office: Office) -> None:
    person = office.records("owner.status:active -owner:svc title:any")[0]
    gone = office.records("is:owner-inactive")[0]
    machine = office.records("owner:svc")[0]
    found = row(office, person)
    assert contact_of(office.reader, found).email == found["email"]
    assert contact_of(office.reader, row(office, gone)).text == ""
    assert contact_of(office.reader, row(office, machine)).why == "owner is an integration account"
    with office.desk() as desk:
        write_note(desk, "user", [row(office, machine)["owner_id"]], {"contact": "Team Ops <ops@example.com>"})
        write_note(desk, "token", [gone], {"contact": "Cy Sample"})
    assert contact_of(office.reader, row(office, machine)).email == "ops@example.com"
    assert contact_of(office.reader, row(office, gone)).text == "Cy Sample"
    assert facts(shown(office, "tokens", machine))["contact"] == "Team Ops <ops@example.com> (noted on the owner)"


def test_the_history_of_a_note_says_who_changed_what_and_what_was_taken_back(office: Office) -> None:
    token = office.records()[0]
    with office.desk("ada") as desk:
        write_note(desk, "token", [token], {"purpose": "CI"})
    with office.desk("bo") as desk:
        wrong = write_note(desk, "token", [token], {"purpose": "mail"})
        undo(desk, wrong)
        write_note(desk, "token", [token], {"purpose": ""})
    assert [(w.author, w.before, w.after, w.undone) for w in note_history(office.reader, "token", token)] == [
        ("bo", "CI", None, False), ("bo", "CI", "mail", True), ("ada", None, "CI", False),
    ]  # fmt: skip
    written = next(s for s in shown(office, "tokens", token).sections if s.title == "Written by people")
    assert [fact.value for fact in written.facts] == [
        "purpose: CI → none",
        "purpose: CI → mail (undone)",
        "purpose: CI",
    ]


def forget(office: Office, token_id: str) -> None:
    """Let the history say that a token is gone, as a pull would."""
    old = row(office, token_id)
    with closing(sqlite3.connect(office.settings.paths.history)) as db, db:
        pull = db.execute("SELECT pull_id FROM completed").fetchone()[0]
        db.execute(
            "INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email)"
            " VALUES (?, ?, 'gone', 'token', 'lost', ?, ?, ?)",
            (pull, PRESENT - 3 * 86_400, f"{old['label']}-old", old["owner"], old["email"]),
        )


def test_a_new_token_is_offered_the_note_of_the_one_that_is_gone(office: Office) -> None:
    successor = office.records("label:backup-nas")[0]
    forget(office, successor)
    with office.desk() as desk:
        write_note(
            desk, "token", ["lost"],
            {"purpose": "Nightly backup", "contact": "Bo", "tag:nas": True, "decision": "keep", "answer": "ours"},
        )  # fmt: skip
        offered = offers(office.reader, PRESENT, successor)
        assert [(one.old_id, one.purpose, one.why) for one in offered] == [("lost", "Nightly backup", "gone 3 d ago")]
        assert offers(office.reader, PRESENT) == offered
        take_over(desk, successor, "lost")
        assert offers(office.reader, PRESENT) == []
    after = row(office, successor)
    carried = [after[name] for name in ("purpose", "contact", "tags", "decision", "answer", "replaces")]
    assert carried == ["Nightly backup", "Bo", "nas", "keep", None, "lost"]
    with office.desk() as desk:
        undo_latest(desk)
    assert row(office, successor)["purpose"] is None


def test_the_note_of_a_gone_token_stays_and_is_shown_where_it_went(office: Office) -> None:
    forget(office, office.records("label:backup-nas")[0])
    with office.desk() as desk:
        write_note(desk, "token", ["lost"], {"purpose": "Nightly backup", "tag:nas": True})
    (change,) = office.records("kind:gone", "changes")
    assert facts(shown(office, "changes", change))["purpose"] == "Nightly backup"
    assert office.records("tag:nas has:note", "changes") == [change]
    assert office.records("nightly", "changes") == [change]


def test_the_command_writes_what_it_is_told_and_takes_it_back(office: Office, command: Command) -> None:
    said = command("note", "label:jenkins", "--purpose", "CI", "--tag", "ci", "--to", "integrations", both=True)
    assert said.startswith("Wrote purpose CI, decision move, to Integrations, tag ci on 2 tokens.\n")
    assert "note --undo" in said
    assert set(office.records("tag:ci target:integrations decision:move purpose:=CI")) == set(
        office.records("label:jenkins")
    )
    listed = command("list", "tokens", "tag:ci", "--format", "csv", "--columns", "label,target,to,purpose")
    assert listed.splitlines()[1] == f"jenkins-old,{office.policy('Integrations')},Integrations,CI"
    assert "CI" in command("list", "tokens", "tag:ci", "--columns", "label,tags,purpose")
    assert command("note", "--undo").startswith("Undone: purpose CI")
    assert office.records("has:note") == []
    assert "nothing left" in command("note", "--undo", code=1)


def test_the_command_writes_on_users_and_carries_notes_over(office: Office, command: Command) -> None:
    machine = row(office, office.records("owner:svc")[0])
    command("note", f"id:{machine['owner_id']}", "--users", "--contact", "Ops", "--remarks", "a\nb")
    assert office.records("contact:ops", "users") == [machine["owner_id"]]
    one, other = office.records("label:jenkins")
    command("note", f"id:{one}", "--purpose", "CI")
    said = command("note", f"id:{other}", "--replaces", one)
    assert said.startswith("Wrote purpose CI, replaces jenkins-old on jenkins-old.")
    assert office.records(f"replaces:{one}") == [other]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["label:jenkins"], "Nothing to write"), (["--purpose", "x"], "a filter"),
     (["label:zzz", "--purpose", "x"], "No token matches"), (["svc", "--decision", "move"], "--to"),
     (["svc", "--decision", "keep", "--to", "Default"], "--decision move"), (["svc", "--to", "Defalt"], "Did you mean"),
     (["svc", "--review-by", "tomorrow"], "Not a valid date"), (["svc", "--replaces", "x"], "one token"),
     (["polcy:x", "--tag", "a"], "did you mean policy")],
)  # fmt: skip
def test_the_command_refuses_in_one_sentence(office: Office, command: Command, arguments: list[str], word: str) -> None:
    assert word in command("note", *arguments, code=2)
    assert office.records("has:note") == []


def test_the_goal_command_sets_says_and_clears(office: Office, command: Command) -> None:
    assert command("goal", err=True).startswith("There is no goal.")
    assert "0 of" in command("goal", "default")
    assert command("goal").startswith("Goal: block tokens in Default.\nDefault: ")
    command("goal", "--clear")
    assert command("goal", err=True).startswith("There is no goal.")

"""No message says that a block stops a token that reaches Bitbucket."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.database import database
from tests.desk.pulled import PRESENT, Office, office_in, pulled
from tests.practice import settings_in
from tests.reach_told import stops_told
from tokendesk.cli import main
from tokendesk.config import Settings
from tokendesk.current_snapshot import current_snapshot
from tokendesk.model.plan_rules import NeverTouch
from tokendesk.reporting.readiness_page import readiness_document
from tokendesk.views.plan_groups import RowText
from tokendesk.views.planning import Planner, move_users
from tokendesk.views.readiness import policy_readiness

__all__ = ["pulled"]
MARK = "zz-of-bitbucket"
Run = Callable[..., str]


@pytest.fixture
def marked(pulled: Settings, tmp_path: Path) -> Iterator[Office]:
    """A profile in which every token that reaches Bitbucket can be told by its label."""
    home = tmp_path / "home"
    office_in(home, pulled).reader.close()
    with database(current_snapshot(home / "demo")) as db:
        label = "? || '-' || id"
        db.execute(
            f"UPDATE token SET label = {label}, label_folded = {label} WHERE scopes LIKE '%bitbucket%'", (MARK, MARK)
        )
        assert db.total_changes > 5
    made = Office(settings_in(home))
    yield made
    made.reader.close()


@pytest.fixture
def run(marked: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TOKENDESK_HOME", str(marked.home))
    monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", "nobody@example.com")
    monkeypatch.setattr("time.time", lambda: float(PRESENT))

    def said(*arguments: str) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == 0, capsys.readouterr()
        return capsys.readouterr().out

    return said


def stop_sentences(text: str) -> list[str]:
    """Return the sentences, cells and lines that say of something that it would stop."""
    pieces = re.split(r"(?<=[.!?])\s|\n|<[^>]*>|\||\"", text)
    return [piece for piece in pieces if re.search(r"\b(would|will) stop", piece.lower())]


@pytest.mark.parametrize(
    "arguments",
    [
        ("readiness", "Default"),
        ("readiness", "Default", "--format", "markdown"),
        ("readiness", "Default", "--format", "html"),
        ("readiness", "Integrations"),
        ("goal", "Default"),
        ("move", "users", "tokens:>0 policy:default", "--to", "Executives"),
        ("move", "users", "tokens:>0 policy:default", "--to", "Contractors"),
        ("move", "users", "tokens:>0 policy:default", "--to", "Contractors", "--json"),
        ("move", "tokens", f"label:{MARK}", "--to", "Executives"),
        ("move", "users", "tokens:>0", "--to", "Executives", "--quarantine-until", "2027-01-31"),
        ("revoke", f"label:{MARK}"),
        ("list", "tokens", "--format", "markdown"),
        ("list", "tokens", "--format", "html"),
        ("list", "tokens", "--format", "table"),
    ],
)
def test_a_token_of_bitbucket_is_in_no_sentence_that_says_would_stop(run: Run, arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    if arguments[0] == "revoke":  # which does stop them: only a policy may not
        assert "would stop" not in said
        return
    for sentence in stop_sentences(said):
        assert MARK not in sentence
        assert "bitbucket" not in sentence.lower()


def test_a_letter_says_what_a_policy_may_not_stop(run: Run, tmp_path: Path) -> None:
    run("letters", f"label:{MARK}", "--to", str(tmp_path / "letters"))
    letters = "\n".join(path.read_text("utf-8") for path in (tmp_path / "letters").iterdir())
    assert not stop_sentences(letters)
    assert letters.count(f"- {MARK}") == letters.count("does not extend to Bitbucket") > 0


def test_the_three_tables_of_the_report_hold_each_its_own(marked: Office) -> None:
    with marked.reader as reader:
        found = policy_readiness(reader, marked.policy("Default"), PRESENT)
        parts = {part.heading.partition(":")[0]: part for part in readiness_document(found, None, PRESENT).parts}
    labels = {
        heading: [str(row[0]) for row in part.table.rows]
        for heading, part in parts.items()
        if part.table and part.table.titles[0] == "token"
    }
    stopping, going_on, untold = labels.values()
    assert list(labels) == ["Would stop", "May not stop, since they reach Bitbucket", "Cannot be told"]
    assert not any(MARK in label for label in (*stopping, *untold))
    assert all(MARK in label for label in going_on)
    assert stopping and going_on and untold


def test_the_review_counts_in_each_row_what_the_scopes_say(marked: Office) -> None:
    with marked.reader as reader:
        scopes = {
            row["token_id"]: json.loads(row["scopes"] or "[]")
            for row in reader.db.execute("SELECT token_id, scopes FROM main.token")
        }
        ids = marked.ids("tokens:>0 policy:default", "users")
        plan = move_users(reader, ids, marked.policy("Executives"), Planner(PRESENT, "ada", NeverTouch.of(())))
    assert {"tokens-in-use", "tokens-of-bitbucket", "tokens-not-told"} <= {w.code for w in plan.warnings}
    words, seen = RowText(plan), set[str]()
    for row in plan.rows_to_do:
        used = [t for t in row.tokens if t.last_used is not None and PRESENT - t.last_used < 30 * 86_400]
        groups = [stops_told(scopes[token.token_id]) for token in used]
        outcome = words.outcome(row)
        for stops, said in (("yes", "may stop"), ("may-not", "may not stop"), ("not-told", "of unknown reach")):
            number = groups.count(stops)
            assert (f"{number} in use {said}" in outcome) if number else (said not in outcome)
        seen |= set(groups)
    assert seen == {"yes", "may-not", "not-told"}

"""The noted setting of a policy, compared with the tokens of its members."""

from datetime import timedelta

from tests.database import database
from tests.desk.pulled import PRESENT, Office
from tests.practice import NOW
from tokendesk.desk.policies import write_policy
from tokendesk.model.findings import Thresholds
from tokendesk.model.plan_rules import NeverTouch, with_warnings
from tokendesk.views.details import details
from tokendesk.views.planning import Planner, move_users
from tokendesk.views.reader import Reader

BY = Planner(PRESENT, "ada", NeverTouch.of(()))


def say(office: Office, policy_id: str, tokens: str, *, days_before: int = 7) -> None:
    """Say it so many days before the pull."""
    with office.desk() as desk:
        write_policy(desk, policy_id, {"tokens": tokens})
    with database(office.settings.paths.desk) as db:
        said = (NOW - timedelta(days=days_before)).isoformat()
        db.execute("UPDATE policy_fact SET tokens_said = ? WHERE policy_id = ?", (said, policy_id))


def seen_for_long(office: Office) -> None:
    """Have the history begin before anything was said: everybody was where they are since then."""
    with database(office.settings.paths.history) as db:
        db.execute("UPDATE pull SET pulled_at = pulled_at - ?", (60 * 86_400,))


def facts(office: Office, policy: str) -> str:
    page = details(office.reader, "policies", office.ids(f"name:={policy}", "policies")[0], PRESENT)
    assert page
    return " ".join(fact.value for section in page.sections for fact in section.facts)


def test_a_policy_said_to_block_whose_tokens_were_used_since_is_a_finding(office: Office) -> None:
    seen_for_long(office)
    say(office, office.policy("Default"), "blocked")
    assert office.records("is:contradicted", "policies") == [office.policy("Default")]
    many = len(office.ids("policy:default used:..7d -reach:bitbucket"))
    assert many > 2
    assert f"Default is said to block tokens, but {many} tokens of its members were used since." in facts(
        office, "Default"
    )
    plan = move_users(
        office.reader, office.ids("policy:contractors tokens:1..", "users")[:1], office.policy("Default"), BY
    )
    (warning,) = [warning for warning in plan.warnings if warning.code == "contradicted"]
    assert warning.text.startswith("Default is said to block tokens, but")
    assert warning in with_warnings(plan).warnings
    say(office, office.policy("Default"), "allowed")
    assert office.records("is:contradicted", "policies") == []


def test_a_use_before_it_was_said_contradicts_nothing(office: Office) -> None:
    seen_for_long(office)
    say(office, office.policy("Default"), "blocked", days_before=0)
    assert office.ids("policy:default used:..30d")
    assert office.records("is:contradicted", "policies") == []


def test_a_use_before_its_owner_came_in_contradicts_nothing(office: Office) -> None:
    say(
        office, office.policy("Default"), "blocked"
    )  # the first pull is newer than all uses: who was where before is not known
    assert office.records("is:contradicted", "policies") == []


def test_owners_who_were_moved_in_since_the_pull_contradict_nothing(office: Office) -> None:
    seen_for_long(office)
    say(office, office.policy("Executives"), "blocked")
    owner = office.records("token.used:..2d policy:default -is:admin", "users")[0]
    run_of_one_move(office, owner, "Default", "Executives")
    assert office.records("policy:executives token.used:..2d", "users") == [owner]
    assert office.records("is:contradicted", "policies") == []


def run_of_one_move(office: Office, account_id: str, before: str, to: str) -> None:
    with database(office.settings.paths.desk) as db:
        at = (NOW + timedelta(hours=1)).isoformat()
        move = (account_id, office.policy(to), office.policy(before), office.policy(to), "seen", "run", at)
        db.execute("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", move)
    office.reader.close()
    office.reader = Reader(office.settings.paths, Thresholds())


def test_a_policy_said_to_allow_whose_tokens_are_all_blocked_is_one_too(office: Office) -> None:
    blocking = office.records("blocked:1.. allowed:0", "policies")
    assert blocking
    say(office, blocking[0], "allowed")
    assert office.records("is:contradicted", "policies") == blocking[:1]
    row = office.reader.row("policies", office.ids("is:contradicted", "policies")[0], PRESENT)
    assert row
    assert "is said to allow tokens, but" in facts(office, row["name"])
    say(office, blocking[0], "allowed", days_before=-1)  # said again: the pull is older now
    assert office.records("is:contradicted", "policies") == []

"""What was said of a policy, and what its members' tokens show."""

from tests.desk.pulled import PRESENT, Office
from tokendesk.desk.policies import write_policy
from tokendesk.model.plan_rules import NeverTouch, with_warnings
from tokendesk.views.details import details
from tokendesk.views.planning import Planner, move_users

BY = Planner(PRESENT, "ada", NeverTouch.of(()))


def say(office: Office, policy: str, tokens: str) -> None:
    with office.desk() as desk:
        write_policy(desk, office.policy(policy), {"tokens": tokens})


def facts(office: Office, policy: str) -> str:
    page = details(office.reader, "policies", office.ids(f"name:={policy}", "policies")[0], PRESENT)
    assert page
    return " ".join(fact.value for section in page.sections for fact in section.facts)


def test_a_policy_said_to_block_whose_tokens_are_allowed_and_in_use_is_a_finding(office: Office) -> None:
    assert office.records("is:contradicted", "policies") == []
    say(office, "Default", "blocked")
    assert office.records("is:contradicted", "policies") == [office.policy("Default")]
    assert "Default is said to block tokens, but" in facts(office, "Default")
    plan = move_users(
        office.reader, office.ids("policy:contractors tokens:1..", "users")[:1], office.policy("Default"), BY
    )
    (warning,) = [warning for warning in plan.warnings if warning.code == "contradicted"]
    assert warning.text.startswith("Default is said to block tokens, but")
    assert warning in with_warnings(plan).warnings
    say(office, "Default", "allowed")
    assert office.records("is:contradicted", "policies") == []


def test_a_policy_said_to_allow_whose_tokens_are_all_blocked_is_one_too(office: Office) -> None:
    blocking = office.records("blocked:1.. allowed:0", "policies")
    assert blocking
    with office.desk() as desk:
        write_policy(desk, blocking[0], {"tokens": "allowed"})
    assert office.records("is:contradicted", "policies") == blocking[:1]
    row = office.reader.row("policies", office.ids("is:contradicted", "policies")[0], PRESENT)
    assert row
    assert "is said to allow tokens, but" in facts(office, row["name"])

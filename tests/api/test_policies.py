"""The policies of users are exactly the server's, whatever the form of the response, or unknown."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.hurried import Hurry, asked_for_policies, held, hurried, policies, pull_with, truth
from tests.practice import organization
from tokendesk.api.policy_lookup import BATCH, PolicyLookup
from tokendesk.api.policy_shapes import decode_policies
from tokendesk.current_snapshot import current_snapshot
from tokendesk.model.records import Membership
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.policy_faults import is_odd
from tokendesk.sandbox.serve import serving
from tokendesk.snapshot.file import snapshot_info

LAYOUTS = ("policy-flat", "policy-error", "policy-list", "policy-object", "policy-nested")
OTHERS = (
    ("429", "html-502", "dropped"),
    ("cursors-url", "extra-fields", "429-date", "empty-page"),
    ("cursor-alone", "500-without-page-size", "500-count", "status-lower", "user-fields"),
    ("413-bulk", "404-one-user", "cursor-alone"),
    ("500-bulk", "500-one-user", "429-minute"),
)


def told(made: Any, *, but_odd: bool) -> dict[str, str | None]:
    known = policies(made)
    return {each: None if but_odd and is_odd(each) else policy for each, policy in known.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("others", [(), *OTHERS], ids="+".join)
async def test_every_layout_alone_and_with_other_faults_tells_the_truth_or_says_what_is_unknown(
    layout: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    made = organization(210, 40)
    await pull_with((layout, *others), tmp_path, made)
    tokens, users = held(tmp_path)
    some_odd = layout == "policy-error" or any(fault.endswith("one-user") for fault in others)
    assert tokens == truth(made)
    assert users == told(made, but_odd=some_odd)
    info = snapshot_info(current_snapshot(tmp_path))
    assert info.policies_problem is None
    assert info.policies_unknown == (sum(map(is_odd, users)) if some_odd else 0)
    assert bool(info.policies_unknown_why) == some_odd


async def test_users_whose_address_is_hidden_are_asked_about_one_by_one(tmp_path: Path) -> None:
    made = organization(120, 10)
    sandbox = await pull_with(("policy-list", "missing-fields"), tmp_path, made)
    assert held(tmp_path)[1] == policies(made)
    assert asked_for_policies(sandbox) > 10


@pytest.mark.parametrize("fault", ["404-one-user", "500-one-user"])
async def test_one_account_that_fails_is_unknown_and_slows_nothing_else_down(fault: str, tmp_path: Path) -> None:
    made = organization()
    sandbox = await pull_with((fault,), tmp_path, made)
    users = held(tmp_path)[1]
    assert users == told(made, but_odd=True)
    odd = sum(map(is_odd, users))
    assert snapshot_info(current_snapshot(tmp_path)).policies_unknown == odd > 0
    assert fault[:3] in str(snapshot_info(current_snapshot(tmp_path)).policies_unknown_why)
    assert asked_for_policies(sandbox) < len(users) / BATCH + odd * 14


@pytest.mark.parametrize("fault", ["policy-error", "policy-null"])
async def test_a_user_of_whom_no_policy_is_told_is_unknown_with_the_reason(fault: str, tmp_path: Path) -> None:
    made = organization(210, 40)
    sandbox = await pull_with((fault,), tmp_path, made)
    assert held(tmp_path)[1] == told(made, but_odd=True)
    reason = str(snapshot_info(current_snapshot(tmp_path)).policies_unknown_why)
    assert reason == (
        "User not found: The user is in no directory." if fault == "policy-error" else "Atlassian did not name a policy"
    )
    assert asked_for_policies(sandbox) < 20


@pytest.mark.parametrize("fault", ["404-policies", "500-policies"])
async def test_after_ten_failures_in_a_row_nobody_else_is_asked_about(fault: str, tmp_path: Path) -> None:
    made = organization()
    sandbox = await pull_with((fault,), tmp_path, made)
    assert held(tmp_path)[0] == truth(made)
    problem = str(snapshot_info(current_snapshot(tmp_path)).policies_problem)
    assert f"Atlassian returned HTTP {fault[:3]}" in problem
    assert "for 10 users in a row, so the lookup stopped" in problem
    assert asked_for_policies(sandbox) < 200  # of 1,204 users; how many depends on how many are asked at a time


async def test_a_form_nobody_can_read_is_said_with_the_names_of_its_members_and_no_value(tmp_path: Path) -> None:
    made = organization(210, 40)
    sandbox = await pull_with(("policy-unreadable",), tmp_path, made)
    assert held(tmp_path)[0] == truth(made)
    problem = str(snapshot_info(current_snapshot(tmp_path)).policies_problem)
    assert "none with a readable policy id" in problem
    assert "assignment.ref, assignment.since, email" in problem
    assert "@" not in problem
    assert asked_for_policies(sandbox) < 10


@pytest.mark.parametrize("fault", ["413-bulk", "500-bulk"])
async def test_the_size_that_a_server_takes_is_found_once(fault: str) -> None:
    made = organization(210, 40)
    accounts = {made.person(index).account_id: made.person(index).email for index in range(210)}
    with serving(made, wrap=with_faults([fault])) as (address, sandbox):
        client = hurried(address, Hurry())
        lookup, found = PolicyLookup(client, address.org_id), list[Membership]()
        await lookup.fetch(accounts, found)
        assert {membership.account_id: membership.policy_id for membership in found} == policies(made)
        assert 5 <= lookup.batch <= 10
        before = asked_for_policies(sandbox)
        await PolicyLookup(client, address.org_id, lookup.batch).fetch(accounts, [])
        await client.close()
    assert asked_for_policies(sandbox) - before == -(-210 // lookup.batch)


async def _found(fault: str | None, users: int = 1204) -> tuple[PolicyLookup, int, dict[str, str | None]]:
    """Return the lookup after all users were asked about, how many requests it took, and what was told."""
    made = organization(users)
    accounts = {made.person(index).account_id: made.person(index).email for index in range(users)}
    with serving(made, wrap=with_faults([fault] if fault else [])) as (address, sandbox):
        client = hurried(address, Hurry())
        lookup, found = PolicyLookup(client, address.org_id), list[Membership]()
        await lookup.fetch(accounts, found)
        await client.close()
        told = {membership.account_id: membership.policy_id for membership in found}
        assert len(told) == len(found)
        assert told == policies(made) or fault in ("policy-null",)
        return lookup, asked_for_policies(sandbox), told


async def test_a_server_that_takes_more_is_asked_about_more() -> None:
    lookup, requests, _ = await _found(None)
    assert lookup.found_batch == 500
    assert requests == 4  # 100, 200, 500 and 404


async def test_a_size_that_was_never_sent_is_not_kept() -> None:
    lookup, requests, _ = await _found(None, 330)
    assert lookup.found_batch is None
    assert requests == 3  # 100, 200 and 30


async def test_a_server_that_takes_a_hundred_is_asked_about_more_once() -> None:
    lookup, requests, _ = await _found("100-bulk")
    assert lookup.found_batch == 100
    assert requests == 1 + 13


async def test_a_server_that_answers_about_the_first_hundred_leaves_nobody_unknown() -> None:
    lookup, requests, _ = await _found("truncated-bulk")
    assert lookup.found_batch == 100
    assert requests == 13


async def test_those_of_whom_nothing_is_told_are_asked_about_again_once_for_each_size() -> None:
    lookup, requests, told = await _found("policy-null")
    assert lookup.found_batch == 500
    assert requests == 4 + 2
    assert sum(policy is None for policy in told.values()) == sum(map(is_odd, told))


ASKED = {"a": "a@example.com", "b": "b@example.com"}


@pytest.mark.parametrize(
    ("element", "policy", "problem"),
    [
        ({"policyId": "p"}, "p", None),
        ({"policyId": 7}, "7", None),
        ({"authPolicies": {"data": [{"id": "p"}]}}, "p", None),
        ({"policies": [{"policy": {"id": "p", "name": "Main"}}]}, "p", None),
        ({"membership": {"current": {"effectivePolicyId": "p"}}}, "p", None),
        ({"assignedPolicyIds": ["p"]}, "p", None),
        ({"policies": [{"id": "p"}, {"id": "p"}]}, "p", None),
        ({"dataSecurityPolicyId": "dsp", "authPolicy": {"id": "p"}}, "p", None),
        ({"dataSecurityPolicy": {"id": "dsp"}, "policies": [{"id": "p"}]}, "p", None),
        ({"ip_allowlist_policy_id": "ip", "data_residency_policy_id": "dr"}, None, None),
        ({"policy": {"id": "p", "fallbackPolicyId": "wrong"}}, "p", None),
        ({"policy": {"id": "p", "parentPolicyId": "wrong", "effectivePolicyId": "wrong"}}, "p", None),
        ({"otherPolicyId": "wrong", "membership": {"authentication_policy_id": "p"}}, "p", None),
        ({"mainPolicy": {"id": "wrong"}, "authPolicy": {"id": "p"}}, "p", None),
        ({"effectivePolicyId": "p", "assignedPolicyId": "q"}, None, "Atlassian returned 2 policies for one user"),
        ({"policies": [{"id": "p"}, {"id": "q"}]}, None, "Atlassian returned 2 policies for one user"),
        ({"policies": []}, None, None),
        ({"policyId": None, "status": "active", "title": "Engineer"}, None, None),
        ({"policy": {"user": {"id": "a"}}}, None, None),
        ({"status": 404, "title": "Not found"}, None, "Not found"),
        ({"details": {"status": "404"}}, None, "HTTP 404"),
        ({"error": {"title": "Gone", "detail": "No\nsuch \x1b[31muser"}}, None, "Gone: No such ␛[31muser"),
        ({"errors": [{"status": 403}]}, None, "HTTP 403"),
        ({"error": "unknown user"}, None, "unknown user"),
        ({"policyId": "p", "details": {"status": 200, "title": "OK"}}, "p", None),
        ({"policyId": "p", "details": {"status": 500, "title": "Stale"}}, None, "Stale"),
    ],
)
@pytest.mark.parametrize("asked", [ASKED, {"a": None}], ids=["two", "one"])
def test_a_policy_or_an_error_is_read_wherever_it_may_stand(
    element: dict[str, Any], policy: str | None, problem: str | None, asked: dict[str, str | None]
) -> None:
    answer = decode_policies(json.dumps([{"email": "A@example.com"} | element]).encode(), asked, "Policies")
    (membership,) = answer.memberships
    assert (membership.account_id, membership.policy_id, membership.problem) == ("a", policy, problem)


def test_the_names_of_members_that_may_be_values_are_not_said() -> None:
    element = {"email": "a@example.com", "712020:aa": {"ada@example.com": 1}, "deep": {"er": {"yet": {"more": 1}}}}
    answer = decode_policies(json.dumps([element]).encode(), ASKED, "Policies")
    assert answer.unread_fields == {"email", "(other).(other)", "deep.er.yet"}


@pytest.mark.parametrize(
    ("names", "policy", "problem"),
    [
        ({}, "p", None),
        ({"id": "row-17"}, "p", None),
        ({"accountId": "a", "email": "renamed@example.com"}, "p", None),
        ({"email": "A@Example.com"}, "p", None),
        ({"accountId": "b"}, None, "Atlassian returned the id of another account"),
        (
            {"user": {"accountId": "b"}, "email": "a@example.com"},
            None,
            "Atlassian returned the id of another account",
        ),
        ({"email": "b@example.com"}, None, "Atlassian returned another e-mail address"),
    ],
)
def test_an_answer_about_somebody_else_tells_nothing_of_the_one_account_asked_about(
    names: dict[str, Any], policy: str | None, problem: str | None
) -> None:
    asked = {"a": "a@example.com"}
    answer = decode_policies(json.dumps([{"policyId": "p"} | names]).encode(), asked, "Policies")
    (membership,) = answer.memberships
    assert (membership.account_id, membership.policy_id, membership.problem) == ("a", policy, problem)


def test_among_several_an_address_does_not_outweigh_the_id_of_another_account() -> None:
    element = {"accountId": "c", "email": "a@example.com", "policyId": "p"}
    answer = decode_policies(json.dumps([element]).encode(), ASKED, "Policies")
    assert (answer.memberships, answer.unassigned) == ((), 1)


def test_of_more_elements_than_were_asked_for_the_own_one_counts() -> None:
    elements = [{"accountId": "b", "policyId": "q"}, {"accountId": "a", "policyId": "p"}]
    answer = decode_policies(json.dumps(elements).encode(), {"a": None}, "Policies")
    assert answer.memberships == (Membership("a", "p", None),)
    assert answer.with_policy == 1

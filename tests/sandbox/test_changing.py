"""Moves and revocations take effect, and are stored."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Clock, Visitor, practice, visiting
from tokendesk.sandbox.organization import Organization


def owner_in_use(visitor: Visitor) -> dict[str, Any]:
    default = visitor.organization.policies[0].id
    for token in visitor.token_list():
        user: dict[str, Any] = token["user"]
        if "lastActiveAt" in token and visitor.policies_of(user["id"])[user["id"]] == default:
            return user
    raise AssertionError("nobody in the default policy has used a token")


def add(visitor: Visitor, policy_id: str, *emails: str) -> str:
    path = f"{visitor.control}/auth-policy/{policy_id}/add-users"
    answer = visitor.http.post(path, json={"users": emails})
    assert answer.status_code == 202
    task: dict[str, str] = answer.json()
    assert task["taskLink"].endswith(task["taskId"])
    return task["taskId"]


def poll(visitor: Visitor, task_id: str) -> tuple[int, int, int]:
    status = visitor.call("GET", f"{visitor.control}/auth-policy/task/{task_id}")
    return status["inProgressCount"], status["successCount"], status["failureCount"]


def test_a_move_starts_late_goes_on_partly_and_ends(guest: Visitor) -> None:
    users = [u for u in guest.search(claimStatus="managed", status=["active"], limit=40)["data"] if "email" in u]
    target = guest.organization.policies[1].id
    task_id = add(guest, target, *(u["email"] for u in users), "nobody@example.com")
    n = len(users)
    assert poll(guest, task_id) == (0, 0, 0)
    in_progress, done, failed = poll(guest, task_id)
    assert in_progress + done + failed == n + 1
    assert 0 < done < n
    assert poll(guest, task_id) == (0, n, 1)
    assert set(guest.policies_of(*(u["accountId"] for u in users)).values()) == {target}


def test_an_unknown_address_fails_with_its_reason(guest: Visitor) -> None:
    task_id = add(guest, guest.organization.policies[1].id, "x@other.example", "nobody@example.com")
    for _ in range(3):
        status = guest.call("GET", f"{guest.control}/auth-policy/task/{task_id}")
    assert (status["successCount"], status["failureCount"]) == (0, 2)
    assert status["failureReasons"][0]["emails"] == ["x@other.example", "nobody@example.com"]
    assert status["failureReasons"][0]["details"]["status"] == 404


def test_a_guest_cannot_be_moved(guest: Visitor) -> None:
    email = guest.search(claimStatus="unmanaged", limit=1)["data"][0]["email"]
    task_id = add(guest, guest.organization.policies[1].id, email)
    assert [poll(guest, task_id) for _ in range(3)][-1] == (0, 0, 1)


def test_nobody_is_moved_before_the_task_has_started(guest: Visitor) -> None:
    user = owner_in_use(guest)
    before = guest.policies_of(user["id"])
    task_id = add(guest, guest.organization.policies[1].id, user["email"])
    poll(guest, task_id)
    assert guest.policies_of(user["id"]) == before


def test_a_task_nobody_asks_about_ends_with_time() -> None:
    wall = [1_000.0]
    organization = Organization(now=Clock(), wall=lambda: wall[0])
    with visiting(organization) as visitor:
        user = owner_in_use(visitor)
        before = visitor.policies_of(user["id"])
        target = organization.policies[1].id
        add(visitor, target, user["email"])
        assert visitor.policies_of(user["id"]) == before
        wall[0] += 60
        assert visitor.policies_of(user["id"]) == {user["id"]: target}


def test_the_status_of_tokens_mirrors_the_new_policy(guest: Visitor) -> None:
    user = owner_in_use(guest)
    organization = guest.organization

    def statuses() -> set[str]:
        return {token["status"] for token in guest.token_list() if token["user"]["id"] == user["id"]}

    assert statuses() == {"ALLOWED"}
    for target, status in ((organization.policies[3], "BLOCKED"), (organization.policies[0], "ALLOWED")):
        task_id = add(guest, target.id, user["email"])
        for _ in range(3):
            poll(guest, task_id)
        assert statuses() == {status}


def test_switching_tokens_off_blocks_all_members(guest: Visitor) -> None:
    default = guest.organization.policies[0]
    guest.organization.set_blocking(default.id, True)
    assert guest.call("GET", f"{guest.access}/api-tokens/count", params={"status": "BLOCKED"}) == 69


@pytest.mark.parametrize(
    "body", [{}, {"users": []}, {"users": [1]}, {"users": "a@example.com"}, [], {"users": ["a"] * 501}]
)
def test_a_malformed_move_is_refused(guest: Visitor, body: Any) -> None:
    path = f"{guest.control}/auth-policy/{guest.organization.policies[1].id}/add-users"
    assert guest.http.post(path, json=body).status_code == 400
    assert guest.organization.state.tasks == {}


def test_an_unknown_policy_or_task_is_not_found(visitor: Visitor) -> None:
    path = f"{visitor.control}/auth-policy/{uuid.uuid4()}/add-users"
    assert visitor.http.post(path, json={"users": ["a@example.com"]}).status_code == 404
    assert visitor.http.get(f"{visitor.control}/auth-policy/task/{uuid.uuid4()}").status_code == 404
    assert visitor.http.get(f"{visitor.control}/auth-policy/task/not-an-id").status_code == 400


def test_a_revoked_token_is_gone_from_both_lists(guest: Visitor) -> None:
    token = guest.token_list()[0]
    path = f"/users/{token['user']['id']}/manage/api-tokens"
    held = guest.call("GET", path)
    assert token["id"] in [t["id"] for t in held]
    answer = guest.http.delete(f"{path}/{token['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(guest.call("GET", path)) == len(held) - 1
    assert token["id"] not in [t["id"] for t in guest.token_list()]
    assert guest.call("GET", f"{guest.access}/api-tokens/count") == 81
    assert guest.http.delete(f"{path}/{token['id']}").status_code == 404


def test_a_token_is_not_revoked_through_another_account(guest: Visitor) -> None:
    tokens = guest.token_list()
    other = next(t for t in tokens if t["user"]["id"] != tokens[0]["user"]["id"])
    path = f"/users/{other['user']['id']}/manage/api-tokens/{tokens[0]['id']}"
    assert guest.http.delete(path).status_code == 404
    assert len(guest.token_list()) == 82


def test_nothing_revokes_all_tokens_at_once(guest: Visitor) -> None:
    answer = guest.http.delete(f"{guest.access}/api-tokens")
    assert answer.status_code == 403
    assert len(guest.token_list()) == 82


def test_an_account_tells_what_may_be_done_to_it(visitor: Visitor) -> None:
    user = visitor.token_list()[0]["user"]
    asked = {"privileges": ["apiToken.read", "apiToken.delete"]}
    privileges = visitor.call("GET", f"/users/{user['id']}/manage", params=asked)
    assert privileges == {"apiToken.read": {"allowed": True}, "apiToken.delete": {"allowed": True}}
    account = visitor.call("GET", f"/users/{user['id']}/manage/profile")["account"]
    assert (account["account_id"], account["email"]) == (user["id"], user["email"])
    assert visitor.http.get("/users/712020:nobody/manage").status_code == 404


def test_moves_revokes_and_tasks_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    clock = Clock()
    with visiting(practice(clock, file)) as visitor:
        user = owner_in_use(visitor)
        target = visitor.organization.policies[2].id
        task_id = add(visitor, target, user["email"])
        poll(visitor, task_id)
        token = visitor.token_list()[-1]
        visitor.http.delete(f"/users/{token['user']['id']}/manage/api-tokens/{token['id']}")
    with visiting(practice(clock, file)) as visitor:
        assert [poll(visitor, task_id) for _ in range(2)][-1] == (0, 1, 0)
        assert visitor.policies_of(user["id"]) == {user["id"]: target}
        assert len(visitor.token_list()) == 81


def test_moves_and_revokes_are_in_the_audit_log(tmp_path: Path) -> None:
    clock = Clock()
    with visiting(practice(clock)) as visitor:
        user = owner_in_use(visitor)
        task_id = add(visitor, visitor.organization.policies[1].id, user["email"])
        for _ in range(3):
            poll(visitor, task_id)
        token = visitor.token_list()[0]
        visitor.organization.revoke(token["id"])
        clock.now += timedelta(minutes=5)
        events = visitor.call("GET", f"{visitor.v1}/events", params={"limit": 20})["data"]
    subjects = [(e["attributes"]["action"], c["id"]) for e in events for c in e["attributes"]["context"]]
    assert ("policy_members_added", user["id"]) in subjects
    assert ("user_token_revoked", token["id"]) in subjects


def test_requests_are_counted_and_remembered_in_order(guest: Visitor) -> None:
    guest.token_list()
    guest.call("GET", guest.v1)
    assert guest.sandbox.requests["GET", f"{guest.access}/api-tokens"] == 1
    assert [asked.path for asked in guest.sandbox.log] == [f"{guest.access}/api-tokens", guest.v1]
    assert "pageSize=100" in guest.sandbox.log[0].query

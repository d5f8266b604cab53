"""Responses of the endpoints: three kinds of paging, filters, refusals."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.conftest import ANCHOR, KEYS, Clock, Visitor, practice, visiting


def test_a_walk_over_v1_accounts_meets_everybody_once(visitor: Visitor) -> None:
    seen: list[str] = []
    url = f"{visitor.v1}/users"
    while True:
        page = visitor.call("GET", url)
        assert page["meta"]["total"] == 1204
        seen += [account["account_id"] for account in page["data"]]
        if "next" not in page["links"]:
            break
        url = page["links"]["next"]
        assert url.startswith(str(visitor.http.base_url))
    assert len(seen) == len(set(seen)) == 1204


@pytest.mark.parametrize("limit", [7, 50, 100])
def test_a_walk_over_the_search_meets_everybody_once(visitor: Visitor, limit: int) -> None:
    seen: list[str] = []
    body: dict[str, Any] = {"claimStatus": "managed", "limit": limit}
    while True:
        page = visitor.search(**body)
        assert len(page["data"]) <= limit
        seen += [user["accountId"] for user in page["data"]]
        body["cursor"] = page["links"]["next"]
        if body["cursor"] is None:
            break
        assert "/" not in body["cursor"]
    assert len(seen) == len(set(seen)) == 1204


def test_a_search_goes_on_with_nothing_but_its_cursor(visitor: Visitor) -> None:
    first = visitor.search(accountStatus=["inactive"], limit=10)
    second = visitor.search(cursor=first["links"]["next"], limit=10)
    assert {user["accountStatus"] for user in second["data"]} == {"inactive"}


def test_a_cursor_of_another_search_is_refused(visitor: Visitor) -> None:
    first = visitor.search(accountStatus=["inactive"], limit=10)
    body = {"cursor": first["links"]["next"], "claimStatus": "managed"}
    assert visitor.http.post(f"{visitor.v2}/-/users/search", json=body).status_code == 400


def test_the_deprecated_list_ignores_everything_beside_a_cursor(visitor: Visitor) -> None:
    path = f"{visitor.v2}/-/users"
    first = visitor.call("GET", path, params={"accountStatus": "inactive", "limit": 10})
    more = {"cursor": first["links"]["next"], "accountStatus": "closed", "searchTerm": "nobody at all"}
    second = visitor.call("GET", path, params=more)
    assert {user["accountStatus"] for user in second["data"]} == {"inactive"}


@pytest.mark.parametrize("size", [1, 20, 82, 1000])
def test_a_walk_over_the_tokens_meets_each_once(visitor: Visitor, size: int) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"pageSize": size}
    while True:
        page = visitor.call("GET", f"{visitor.access}/api-tokens", params=query)
        seen += [token["id"] for token in page["data"]]
        query["cursor"] = page["links"]["next"]
        if query["cursor"] is None:
            break
    assert len(seen) == len(set(seen)) == 82
    assert visitor.call("GET", f"{visitor.access}/api-tokens/count") == 82


def test_revokes_between_two_pages_hide_no_other_token(guest: Visitor) -> None:
    first = guest.call("GET", f"{guest.access}/api-tokens", params={"pageSize": 40})
    for token in first["data"][:10]:
        guest.organization.revoke(token["id"])
    query = {"pageSize": 40, "cursor": first["links"]["next"]}
    second = guest.call("GET", f"{guest.access}/api-tokens", params=query)
    assert len({token["id"] for token in first["data"] + second["data"]}) == 80


def test_a_token_cursor_wants_its_filters_again(visitor: Visitor) -> None:
    first = visitor.call("GET", f"{visitor.access}/api-tokens", params={"q": "e", "pageSize": 5})
    cursor = first["links"]["next"]
    again = {"q": "e", "pageSize": 5, "cursor": cursor}
    assert visitor.call("GET", f"{visitor.access}/api-tokens", params=again)["data"]
    alone = visitor.http.get(f"{visitor.access}/api-tokens", params={"cursor": cursor})
    assert alone.status_code == 400
    assert alone.json()["errors"][0]["code"] == "ADMIN-400-1"


@pytest.mark.parametrize("field", ["label", "createdAt", "lastActiveAt"])
def test_tokens_are_sorted_both_ways(visitor: Visitor, field: str) -> None:
    for sign in ("", "+", "-"):
        page = visitor.call("GET", f"{visitor.access}/api-tokens", params={"sort": sign + field, "pageSize": 100})
        values = [token.get(field, "") for token in page["data"]]
        assert len(values) == 82
        assert values == sorted(values, reverse=sign == "-")


def test_the_status_filter_finds_the_blocked_tokens(visitor: Visitor) -> None:
    query = {"status": "BLOCKED"}
    blocked = visitor.call("GET", f"{visitor.access}/api-tokens", params=query)["data"]
    assert len(blocked) == visitor.call("GET", f"{visitor.access}/api-tokens/count", params=query) == 1
    executives = visitor.organization.policies[3].id
    assert visitor.policies_of(blocked[0]["user"]["id"]) == {blocked[0]["user"]["id"]: executives}


def test_fields_without_a_value_are_absent_from_tokens(visitor: Visitor) -> None:
    found = visitor.token_list()
    assert any("lastActiveAt" not in token for token in found)
    assert any("scopes" not in token for token in found)
    assert any(token.get("scopes") == [] for token in found)
    assert not any(None in token.values() for token in found)
    spellings = {token["createdAt"][19:] for token in found}
    assert spellings == {"Z", ".000Z", "+00:00"}


def test_people_are_found_by_id_by_address_and_by_words(visitor: Visitor) -> None:
    someone = visitor.search(limit=1)["data"][0]
    assert visitor.search(accountIds=[someone["accountId"], "712020:nobody"])["data"] == [someone]
    assert visitor.search(emails=[someone["email"].upper()])["data"] == [someone]
    assert someone in visitor.search(searchTerm=someone["name"])["data"]


def test_words_and_addresses_together_are_refused(visitor: Visitor) -> None:
    body = {"searchTerm": "a", "emails": ["a@example.com"]}
    answer = visitor.http.post(f"{visitor.v2}/-/users/search", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "ADMIN-UAM-400-1"


def test_external_users_are_in_the_directories_but_not_managed(visitor: Visitor) -> None:
    path = f"{visitor.v2}/-/users/count"
    assert visitor.call("GET", path, params={"claimStatus": "managed"}) == {"count": 1204}
    assert visitor.call("GET", path) == {"count": 1216}
    guests = visitor.search(claimStatus="unmanaged")["data"]
    assert visitor.policies_of(*(user["accountId"] for user in guests)) == {}


def test_the_admins_are_found_by_their_role(visitor: Visitor) -> None:
    admins = visitor.search(roleIds=["atlassian/org-admin"], expand=["platformRoles"])["data"]
    assert len(admins) == 3
    assert all(user["platformRoles"] == ["atlassian/org-admin"] for user in admins)
    assert "productAccess" not in admins[0]
    others = visitor.search(roleIds=["jira-admin", "atlassian/site-admin"], expand=["platformRoles"])["data"]
    assert {role for user in others for role in user["platformRoles"]} == {
        "jira-admin", "confluence-admin", "atlassian/site-admin",
    }  # fmt: skip


def test_bulk_fetch_leaves_out_whom_it_does_not_know(visitor: Visitor) -> None:
    someone = visitor.search(claimStatus="managed", limit=1)["data"][0]["accountId"]
    assert list(visitor.policies_of(someone, "712020:nobody")) == [someone]
    path = f"{visitor.control}/users/auth-policies/bulk-fetch"
    assert visitor.http.post(path, json={"accountIds": [someone] * 501}).status_code == 400


def test_the_policies_of_everybody_are_the_four(visitor: Visitor) -> None:
    organization = visitor.organization
    found = [organization.policy_of(i) for i in range(organization.users)]
    sizes = {p.name: found.count(p.id) for p in organization.policies}
    assert sizes == {"Default": 1130, "Integrations": 14, "Contractors": 48, "Executives": 12}


def test_service_accounts_are_not_among_the_users(visitor: Visitor) -> None:
    accounts = visitor.call("GET", f"{visitor.access}/service-accounts")
    assert accounts["total"] == len(accounts["items"]) == 8
    assert all(item["email"].endswith("serviceaccount.atlassian.com") for item in accounts["items"])
    assert visitor.search(accountIds=[item["atlassianId"] for item in accounts["items"]])["data"] == []


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic unscoped-for-tests", "Bearer schlüssel"])
def test_without_its_key_nobody_comes_in(visitor: Visitor, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode())]
    answer = httpx.get(f"{visitor.http.base_url}{visitor.v1}", headers=headers, timeout=600)
    assert answer.status_code == 401


def test_another_organization_is_not_found(visitor: Visitor) -> None:
    for path in ("/admin/v1/orgs/x/users", "/admin/api-access/v1/orgs/x/api-tokens", "/admin/v2/orgs/x/directories"):
        answer = visitor.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == "ADMIN-404-2"


def test_a_scoped_key_sees_no_organizations_and_manages_no_accounts(visitor: Visitor) -> None:
    scoped = {"Authorization": f"Bearer {KEYS.scoped}"}
    assert visitor.call("GET", "/admin/v1/orgs", headers=scoped)["data"] == []
    assert len(visitor.call("GET", "/admin/v1/orgs")["data"]) == 1
    assert visitor.call("GET", visitor.v1, headers=scoped)["data"]["attributes"] == {"name": "Acme Corp"}
    someone = visitor.search(limit=1)["data"][0]["accountId"]
    answer = visitor.http.get(f"/users/{someone}/manage", headers=scoped)
    assert answer.status_code == 403
    assert "insufficientScope" in answer.text
    assert "manage:org" in answer.text


@pytest.mark.parametrize("cursor", ["x", "e30", "WyJ0b2tlbnMiLHt9XQ", "é", "null"])
def test_an_invalid_cursor_is_refused_everywhere(visitor: Visitor, cursor: str) -> None:
    for path in ("/admin/v1/orgs", f"{visitor.v1}/users", f"{visitor.v1}/events", f"{visitor.v1}/events-stream"):
        answer = visitor.http.get(path, params={"cursor": cursor})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "ADMIN-400-1"
    for path in (f"{visitor.v2}/-/users", f"{visitor.access}/api-tokens"):
        assert visitor.http.get(path, params={"cursor": cursor}).status_code == 400


def test_the_cursor_of_one_list_opens_no_other(visitor: Visitor) -> None:
    url = visitor.call("GET", f"{visitor.v1}/users")["links"]["next"]
    cursor = parse_qs(urlsplit(url).query)["cursor"][0]
    assert visitor.http.get(f"{visitor.access}/api-tokens", params={"cursor": cursor}).status_code == 400


def test_the_admin_families_tell_their_rate_limit(visitor: Visitor) -> None:
    answers = [visitor.http.get(f"{visitor.access}/api-tokens/count") for _ in range(2)]
    limits = [int(answer.headers["X-RateLimit-Limit"]) for answer in answers]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert all(0 < n < limit for n, limit in zip(left, limits, strict=True))
    reset = datetime.fromisoformat(answers[1].headers["X-RateLimit-Reset"])
    assert reset.tzinfo is not None


def stream(visitor: Visitor, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = visitor.call("GET", f"{visitor.v1}/events-stream", params=query)
        assert page["meta"]["next"]
        if not page["data"]:
            return found
        found += page["data"]
        query = {"cursor": page["meta"]["next"], "limit": query.get("limit", 200)}


def test_the_stream_tells_each_event_of_half_a_year_once(visitor: Visitor) -> None:
    events = stream(visitor, limit=500)
    assert len({event["id"] for event in events}) == len(events) > 1000
    times = [datetime.fromisoformat(event["attributes"]["time"]) for event in events]
    assert all(a <= b for a, b in pairwise(times))
    assert times[0] > ANCHOR - timedelta(days=181)
    assert times[-1] <= ANCHOR
    backwards = stream(visitor, limit=400, sortOrder="desc")
    assert backwards == events[::-1]


def test_the_stream_goes_on_where_it_stopped() -> None:
    clock = Clock()
    with visiting(practice(clock)) as visitor:
        start = str(int((ANCHOR - timedelta(hours=3)).timestamp() * 1000))
        url = f"{visitor.v1}/events-stream"
        first = visitor.call("GET", url, params={"from": start, "limit": 500})
        clock.now += timedelta(days=2)
        second = visitor.call("GET", url, params={"cursor": first["meta"]["next"], "limit": 500})
        whole = visitor.call("GET", url, params={"from": start, "limit": 500})
    assert second["data"]
    assert first["data"] + second["data"] == whole["data"]


def test_audited_uses_name_a_token_of_the_list(visitor: Visitor) -> None:
    listed = {token["id"]: token for token in visitor.token_list()}
    used = [e["attributes"] for e in stream(visitor, limit=500) if "auth" in e["attributes"]["actor"]]
    assert used
    for attributes in used:
        auth = attributes["actor"]["auth"]
        token = listed[auth["tokenId"]]
        assert auth["tokenLabel"] == token["label"]
        assert attributes["actor"]["id"] == token["user"]["id"]
        assert datetime.fromisoformat(attributes["time"]) <= datetime.fromisoformat(token["lastActiveAt"])


def test_filtered_events_are_those_of_the_stream(visitor: Visitor) -> None:
    wanted = [e for e in stream(visitor, limit=500) if e["attributes"]["action"] == "user_token_created"]
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"action": "user_token_created", "limit": 10}
    while True:
        page = visitor.call("GET", f"{visitor.v1}/events", params=query)
        found += page["data"]
        if not page["meta"]["next"]:
            break
        query["cursor"] = page["meta"]["next"]
    assert [e["id"] for e in found] == [e["id"] for e in wanted][::-1]
    one = visitor.call("GET", f"{visitor.v1}/events/{found[0]['id']}")["data"]
    assert one == found[0]


def test_the_catalogue_knows_every_action(visitor: Visitor) -> None:
    catalogue = {action["id"] for action in visitor.call("GET", f"{visitor.v1}/event-actions")["data"]}
    assert {e["attributes"]["action"] for e in stream(visitor, limit=500)} <= catalogue

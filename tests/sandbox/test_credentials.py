"""The lists of API keys, service accounts, their tokens, and OAuth clients."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import ANCHOR, KEYS, Visitor, practice, visiting
from tests.sandbox.credential_lists import identity, listed
from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.credential_scenario import LARGE, CredentialSizes
from tokendesk.sandbox.serve import serving

LISTS = (
    "api-keys",
    "service-accounts",
    "service-accounts/api-tokens",
    "service-accounts/oauth-clients",
    "oauth-clients",
)


def moment(item: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(item[name])


@pytest.fixture(scope="module")
def large() -> Any:
    with visiting(practice(credentials=LARGE)) as visitor:
        yield visitor


def test_one_key_in_daily_use_ends_in_three_weeks(visitor: Visitor) -> None:
    keys = listed(visitor, "api-keys")
    soon = [key for key in keys if moment(key, "expiresAt") - ANCHOR < timedelta(days=28)]
    assert [key["label"] for key in soon] == ["SIEM export"]
    assert moment(soon[0], "expiresAt") - ANCHOR > timedelta(days=20)
    assert ANCHOR - moment(soon[0], "lastActiveAt") < timedelta(days=1)
    assert visitor.call("GET", f"{visitor.access}/api-keys/count") == len(keys)


def test_one_key_without_scopes_was_made_by_somebody_who_left(visitor: Visitor) -> None:
    left = []
    for key in listed(visitor, "api-keys"):
        person = visitor.organization.find_person(key["createdBy"]["id"])
        assert person is not None
        assert key["createdBy"] == {"id": person.account_id, "name": person.name, "email": person.email}
        if person.deactivated:
            assert moment(key, "createdAt") < person.deactivated < moment(key, "lastActiveAt")
            left.append((person.kind, key["scopes"]))
    assert left == [(Kind.LEAVER, [])]


def test_keys_are_searched_by_label_and_maker(visitor: Visitor) -> None:
    key = listed(visitor, "api-keys")[2]
    assert listed(visitor, "api-keys", q="sIeM") == [key]
    assert key in listed(visitor, "api-keys", q=key["createdBy"]["email"].upper())
    assert visitor.call("GET", f"{visitor.access}/api-keys/count", params={"q": "siem"}) == 1
    assert listed(visitor, "api-keys", q="nobody has this") == []


def test_service_accounts_have_two_tokens_or_one_or_none(visitor: Visitor) -> None:
    tokens = listed(visitor, "service-accounts/api-tokens")
    held = {}
    for account in listed(visitor, "service-accounts"):
        own = listed(visitor, f"service-accounts/{account['id']}/api-tokens")
        assert own == [token for token in tokens if token["serviceAccountId"] == account["id"]]
        held[account["displayName"]] = [token["label"] for token in own]
    assert held["Deploy gate"] == ["deploy gate prod"]
    assert held["Wiki publisher"] == ["publisher", "publisher staging"]
    assert held["Restore check"] == ["restore check 2025", "restore check 2026"]
    assert held["Retired importer"] == []


def test_a_service_account_took_over_the_job_of_a_user(visitor: Visitor) -> None:
    users = {token["id"]: token for token in visitor.token_list()}
    moved = [
        (token, users[old])
        for token in listed(visitor, "service-accounts/api-tokens")
        if (old := visitor.organization.predecessor_of(token["id"])) in users
    ]
    assert len(moved) == 1
    token, user_token = moved[0]
    assert token["label"] == user_token["label"]
    assert moment(token, "createdAt") < moment(user_token, "lastActiveAt") < moment(token, "lastActiveAt")
    names = {account["id"]: account["displayName"] for account in listed(visitor, "service-accounts")}
    assert names[token["serviceAccountId"]] == user_token["user"]["name"]


def test_nobody_remembers_an_agent_that_writes(visitor: Visitor) -> None:
    account = next(each for each in listed(visitor, "service-accounts") if each["displayName"] == "triage-agent")
    maker = visitor.organization.find_person(account["createdById"])
    token = listed(visitor, f"service-accounts/{account['id']}/api-tokens")[0]
    assert account["description"] == ""
    assert maker is not None
    assert maker.deactivated is not None
    assert "write:jira-work" in token["scopes"]
    assert ANCHOR - moment(token, "lastActiveAt") < timedelta(days=1)


def test_oauth_clients_of_service_accounts_are_among_all(visitor: Visitor) -> None:
    everyone = listed(visitor, "oauth-clients")
    of_accounts = listed(visitor, "service-accounts/oauth-clients")
    assert of_accounts == [client for client in everyone if "serviceAccountId" in client]
    assert 0 < len(of_accounts) < len(everyone)
    one = of_accounts[0]
    assert one in listed(visitor, f"service-accounts/{one['serviceAccountId']}/oauth-clients")
    assert listed(visitor, "service-accounts/oauth-clients", clientName=one["clientName"].upper()) == [one]
    assert {client["grantTypes"][0] for client in of_accounts} == {"client_credentials"}


def test_who_is_unknown_has_nothing(visitor: Visitor) -> None:
    for what in ("api-tokens", "oauth-clients"):
        assert listed(visitor, f"service-accounts/nobody/{what}") == []


@pytest.mark.parametrize("path", [*LISTS, "api-keys/count"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_of_it_can_be_changed(visitor: Visitor, method: str, path: str) -> None:
    before = [listed(visitor, each) for each in LISTS]
    assert visitor.http.request(method, f"{visitor.access}/{path}", json={}).status_code == 405
    assert [listed(visitor, each) for each in LISTS] == before


def test_nothing_of_a_single_one_can_be_changed(visitor: Visitor) -> None:
    before = [listed(visitor, each) for each in LISTS]
    key, account, client = before[0][0]["id"], before[1][0]["id"], before[4][0]["clientId"]
    for method, path in (
        ("PATCH", f"api-keys/revoke/{key}"),
        ("DELETE", f"service-accounts/{account}/api-tokens"),
        ("DELETE", f"service-accounts/{account}/oauth-clients"),
        ("DELETE", f"service-accounts/{account}"),
        ("DELETE", f"oauth-clients/{client}"),
    ):
        assert visitor.http.request(method, f"{visitor.access}/{path}").status_code in (404, 405)
    assert [listed(visitor, each) for each in LISTS] == before


def test_large_lists_come_in_pages_of_the_size_asked_for(large: Visitor) -> None:
    sizes = {
        "api-keys": LARGE.keys,
        "service-accounts": LARGE.service_accounts,
        "oauth-clients": LARGE.oauth_clients,
    }
    for path, count in sizes.items():
        found = listed(large, path)
        assert len({identity(item) for item in found}) == len(found) == count
        assert listed(large, path, pageSize=7) == found
    tokens = listed(large, "service-accounts/api-tokens")
    assert len({token["id"] for token in tokens}) == len(tokens) == LARGE.service_tokens
    assert len(large.call("GET", f"{large.access}/service-accounts/api-tokens")["items"]) == 50


def test_each_token_of_a_large_organization_is_in_the_list_of_its_account(large: Visitor) -> None:
    tokens = listed(large, "service-accounts/api-tokens", pageSize=1000)
    for account in listed(large, "service-accounts", pageSize=1000)[::97]:
        own = listed(large, f"service-accounts/{account['id']}/api-tokens")
        assert own == [token for token in tokens if token["serviceAccountId"] == account["id"]]


def test_labels_of_tokens_are_searched(large: Visitor) -> None:
    found = listed(large, "service-accounts/api-tokens", tokenLabel="BERLIN")
    tokens = listed(large, "service-accounts/api-tokens", pageSize=1000)
    assert found == [token for token in tokens if "berlin" in token["label"]]
    assert len(found) > 50


def test_a_cursor_belongs_to_its_list_and_filter(large: Visitor) -> None:
    cursor = large.call("GET", f"{large.access}/service-accounts")["links"]["next"]
    for path in ("oauth-clients", "api-keys", "service-accounts/api-tokens", "service-accounts/oauth-clients"):
        assert large.http.get(f"{large.access}/{path}", params={"cursor": cursor}).status_code == 400
    cursor = large.call("GET", f"{large.access}/service-accounts/api-tokens")["links"]["next"]
    more = {"cursor": cursor, "tokenLabel": "berlin"}
    assert large.http.get(f"{large.access}/service-accounts/api-tokens", params=more).status_code == 400


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_story_is_the_same_for_each_seed(seed: int) -> None:
    organization = practice(seed=seed)
    credentials, now = organization.credentials, organization.seconds()
    labels = [life.label for _, life in credentials.tokens.listed(now)]
    assert len(labels) == 8
    assert {"deploy gate prod", "publisher", "publisher staging", "restore check 2025", "agent"} <= set(labels)
    found = [credentials.tokens.id(life.number) for _, life in credentials.tokens.listed(now)]
    predecessors = [organization.predecessor_of(each) for each in found]
    assert sum(each in found for each in predecessors) == 1, "no successor is listed beside the token it replaces"
    assert sum(each is not None and each not in found for each in predecessors) == 1, "no user token was replaced"


@pytest.mark.parametrize(
    ("users", "sizes"),
    [
        (0, CredentialSizes()),
        (3, CredentialSizes(1, 1, 2, 1)),
        (0, CredentialSizes(0, 0, 0, 0)),
        (40, CredentialSizes(2, 0, 5, 9)),
        (40, CredentialSizes(9, 2, 12, 9)),
    ],
)
def test_organizations_of_any_size_answer(users: int, sizes: CredentialSizes) -> None:
    with visiting(practice(users=users, tokens=users, credentials=sizes)) as visitor:
        assert len(listed(visitor, "api-keys")) == sizes.keys
        accounts = listed(visitor, "service-accounts")
        assert len(accounts) == sizes.service_accounts
        tokens = listed(visitor, "service-accounts/api-tokens")
        assert len(tokens) >= (sizes.service_tokens if accounts else 0)
        own = [listed(visitor, f"service-accounts/{account['id']}/api-tokens") for account in accounts]
        assert sum(map(len, own)) == len(tokens)
        assert len(listed(visitor, "oauth-clients")) == sizes.oauth_clients


def test_a_key_with_scopes_reads_all_of_it(visitor: Visitor) -> None:
    for path in LISTS:
        answer = visitor.http.get(f"{visitor.access}/{path}", headers={"Authorization": f"Bearer {KEYS.scoped}"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("read:keys:admin", {"api-keys", "api-keys/count"}),
        ("read:service-accounts:admin", {"service-accounts"}),
        (
            "read:service-accounts-tokens:admin",
            {
                "service-accounts/api-tokens",
                "service-accounts/oauth-clients",
                "oauth-clients",
                "service-accounts/x/api-tokens",
            },
        ),
        ("read:tokens:admin", {"api-tokens", "api-tokens/count"}),
    ],
)
def test_a_key_that_lacks_a_scope_is_refused_its_lists_only(scope: str, refused: set[str]) -> None:
    paths = [*LISTS, "api-keys/count", "service-accounts/x/api-tokens", "api-tokens", "api-tokens/count"]
    keys = replace(KEYS, lacking=frozenset({scope}))
    with serving(practice(), keys) as (address, sandbox):
        visitor = Visitor(address.url, sandbox, keys.scoped)
        with visitor.http:
            answers = {path: visitor.http.get(f"{visitor.access}/{path}") for path in paths}
    assert {path for path, answer in answers.items() if answer.status_code == 403} == refused
    assert all(scope in answer.text for answer in answers.values() if answer.status_code == 403)


def test_the_sizes_survive_a_restart(tmp_path: Path) -> None:
    file, sizes = tmp_path / "state.json", CredentialSizes(9, 12, 30, 8)
    organization = practice(state_file=file, users=30, tokens=5, credentials=sizes)
    again = practice(state_file=file)
    assert again.credentials.sizes == sizes
    assert list(again.credentials.tokens.listed(again.seconds())) == list(
        organization.credentials.tokens.listed(organization.seconds())
    )


@pytest.mark.parametrize("sizes", [{"keys": -1}, {"keys": "many"}, {"doors": 3}, 7])
def test_a_file_with_strange_sizes_is_refused(tmp_path: Path, sizes: Any) -> None:
    file = tmp_path / "state.json"
    practice(state_file=file, users=3, tokens=1)
    state = json.loads(file.read_text("utf-8")) | {"credentials": sizes}
    file.write_text(json.dumps(state), "utf-8")
    with pytest.raises(ValueError, match="does not hold a practice organization"):
        practice(state_file=file)


def test_a_file_from_before_there_were_sizes_has_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    practice(state_file=file, users=30, tokens=5, credentials=LARGE)
    state = json.loads(file.read_text("utf-8"))
    del state["credentials"]
    file.write_text(json.dumps(state), "utf-8")
    assert practice(state_file=file).credentials.sizes == CredentialSizes()

"""Faults in the lists of credentials, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.sandbox.conftest import KEYS, Visitor, practice
from tokendesk.sandbox.credential_faults import CREDENTIAL_FAULTS, HUGE, PLACEHOLDER
from tokendesk.sandbox.credential_scenario import CredentialSizes
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving

EXPERIMENTAL = (
    "service-accounts",
    "service-accounts/api-tokens",
    "service-accounts/oauth-clients",
    "oauth-clients",
)
LISTS = ("api-keys", *EXPERIMENTAL)
OWN_NAMES = {
    "api-keys": "apiKeys",
    "service-accounts": "serviceAccounts",
    "service-accounts/api-tokens": "apiTokens",
    "service-accounts/oauth-clients": "oauthClients",
    "oauth-clients": "oauthClients",
}
TIMES = ("createdAt", "expiresAt", "lastActiveAt", "lastUsedAt")


def organization() -> Organization:
    return practice(users=60, tokens=20, credentials=CredentialSizes(oauth_clients=12))


@contextmanager
def served(*faults: str) -> Iterator[Visitor]:
    with serving(organization(), KEYS, wrap=with_faults(faults)) as (address, sandbox):
        visitor = Visitor(address.url, sandbox, KEYS.unscoped)
        with visitor.http:
            yield visitor


def bodies(*faults: str) -> dict[str, Any]:
    """Return the body of each list's first page."""
    with served(*faults) as visitor:
        return {path: visitor.call("GET", f"{visitor.access}/{path}") for path in LISTS}


def items(body: dict[str, Any]) -> list[Any]:
    found: list[Any] = body["data"] if "data" in body else body["items"]
    return found


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """What the lists hold without a fault."""
    return bodies()


@pytest.mark.parametrize("status", [404, 403, 402, 500])
def test_all_lists_are_refused(status: int) -> None:
    with served(f"{status}-credentials") as visitor:
        statuses = {visitor.http.get(f"{visitor.access}/{path}").status_code for path in (*LISTS, "api-keys/count")}
        one = visitor.http.get(f"{visitor.access}/service-accounts/x/api-tokens").status_code
        assert statuses == {one} == {status}
        assert visitor.token_list()


def test_the_experimental_lists_alone_are_missing() -> None:
    with served("404-experimental") as visitor:
        answers = {path: visitor.http.get(f"{visitor.access}/{path}").status_code for path in LISTS}
    assert answers == {"api-keys": 200, **dict.fromkeys(EXPERIMENTAL, 404)}


def test_pages_are_html() -> None:
    with served("html-credentials") as visitor:
        answer = visitor.http.get(f"{visitor.access}/oauth-clients")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html"
    assert answer.text.startswith("<html>")


def test_lists_are_bare(whole: dict[str, Any]) -> None:
    assert bodies("credentials-bare") == {path: items(body) for path, body in whole.items()}


@pytest.mark.parametrize("name", ["data", "items", "values"])
def test_items_are_under_another_name(name: str, whole: dict[str, Any]) -> None:
    for path, body in bodies(f"credentials-{name}").items():
        assert body[name] == items(whole[path])
        assert [member for member, value in body.items() if isinstance(value, list)] == [name]


def test_items_are_under_a_name_of_their_own(whole: dict[str, Any]) -> None:
    for path, body in bodies("credentials-named").items():
        assert body[OWN_NAMES[path]] == items(whole[path])


@pytest.mark.parametrize(
    ("fault", "token", "client", "account"),
    [
        (
            "credentials-short-names",
            {"id", "name", "created", "expiry", "lastAccess"},
            {"id", "name", "createdAt"},
            {"name"},
        ),
        (
            "credentials-long-names",
            {"tokenId", "tokenLabel", "creationDate", "expirationDate", "lastUsed", "accountId"},
            {"clientId", "name", "creationDate"},
            {"serviceAccountId", "accountName"},
        ),
    ],
)
def test_members_have_other_names(
    fault: str, token: set[str], client: set[str], account: set[str], whole: dict[str, Any]
) -> None:
    found = bodies(fault)
    expected = zip(
        ("service-accounts/api-tokens", "oauth-clients", "service-accounts"), (token, client, account), strict=True
    )
    for path, names in expected:
        item, before = items(found[path])[0], items(whole[path])[0]
        assert names - {"createdAt"} <= set(item)
        assert list(item.values()) == list(before.values())
        assert set(item) != set(before)


def test_times_are_numbers(whole: dict[str, Any]) -> None:
    for path, body in bodies("credentials-milliseconds").items():
        for item, before in zip(items(body), items(whole[path]), strict=True):
            for name in TIMES:
                assert (name in item) == (name in before)
                assert isinstance(item.get(name, 1), int)


@pytest.mark.parametrize("fault", ["credentials-nested", "credentials-secret"])
def test_items_have_more_members(fault: str, whole: dict[str, Any]) -> None:
    for path, body in bodies(fault).items():
        for item, before in zip(items(body), items(whole[path]), strict=True):
            assert before.items() <= item.items()
            more = {name: value for name, value in item.items() if name not in before}
            if fault == "credentials-secret":
                assert more == {"clientSecret" if "clientId" in item else "token": PLACEHOLDER}
            else:
                assert any(isinstance(value, dict) for value in more.values())
                assert any(isinstance(value, list) for value in more.values())


def test_keys_have_the_members_of_older_pages(whole: dict[str, Any]) -> None:
    found = bodies("keys-documented")
    for key in items(found["api-keys"]):
        assert {"targetResources", "token", "revokedBy", "revocationDate"} <= set(key)
        assert {"appType", "orgId", "userStatus"} <= set(key["createdBy"])
    assert all(found[path] == whole[path] for path in EXPERIMENTAL)


def test_some_items_are_no_objects(whole: dict[str, Any]) -> None:
    for path, body in bodies("credentials-not-objects").items():
        assert [item for item in items(body) if isinstance(item, dict)] == items(whole[path])
        assert {type(item) for item in items(body)} >= {str, int, list, type(None), bool}


def test_one_item_has_no_id() -> None:
    for body in bodies("credentials-without-id").values():
        first, *rest = items(body)
        assert not {"id", "clientId", "atlassianId"} & set(first)
        assert all({"id", "clientId"} & set(item) for item in rest)


def test_one_id_comes_twice() -> None:
    for body in bodies("credentials-twice").values():
        ids = [item.get("clientId") or item["id"] for item in items(body)]
        assert ids[0] == ids[1]
        assert len(set(ids)) == len(ids) - 1


def test_a_list_goes_on_for_ever(whole: dict[str, Any]) -> None:
    with served("credentials-endless") as visitor:
        for path in LISTS:
            query: dict[str, str] = {}
            for _ in range(4):
                body = visitor.call("GET", f"{visitor.access}/{path}", params=query)
                assert items(body) == items(whole[path])
                query = {"cursor": body["links"]["next"]}


def test_a_list_leads_to_another_host() -> None:
    for body in bodies("credentials-foreign-next").values():
        assert body["links"]["next"].startswith("https://elsewhere.example.com/")


def test_a_total_is_larger_than_what_comes() -> None:
    for path, body in bodies("credentials-total").items():
        assert path == "api-keys" or body["total"] > len(items(body))


def test_labels_are_huge() -> None:
    for body in bodies("credentials-huge-labels").values():
        for item in items(body):
            label = item.get("label") or item.get("clientName") or item["displayName"]
            assert len(label) >= HUGE


@pytest.mark.parametrize("fault", CREDENTIAL_FAULTS)
def test_user_tokens_and_users_are_as_ever(fault: str) -> None:
    made = organization()
    with served(fault) as visitor:
        assert len(visitor.token_list()) == made.count_living()
        assert len(visitor.search(limit=100)["data"]) == 60


def test_faults_of_credentials_can_be_combined() -> None:
    found = bodies("credentials-milliseconds", "credentials-short-names", "credentials-values", "credentials-total")
    token = found["service-accounts/api-tokens"]["values"][0]
    assert isinstance(token["created"], int)
    assert found["service-accounts/api-tokens"]["total"] > len(found["service-accounts/api-tokens"]["values"])
    both = bodies("credentials-bare", "credentials-without-id", "credentials-endless")
    assert all(isinstance(body, list) for body in both.values())


def test_a_missing_page_size_breaks_the_user_tokens_only() -> None:
    with served("500-without-page-size") as visitor:
        assert visitor.http.get(f"{visitor.access}/api-tokens").status_code == 500
        assert visitor.http.get(f"{visitor.access}/service-accounts/api-tokens").status_code == 200

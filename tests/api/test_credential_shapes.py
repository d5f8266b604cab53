"""Lists of credentials are decoded whatever their members are called; what nobody knows is kept, but for secrets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendesk.api.credential_shapes import LEFT_OUT, credential_page
from tokendesk.errors import TokendeskError
from tokendesk.model.credential_kinds import CREDENTIAL_KINDS
from tokendesk.model.records import Credential
from tokendesk.model.timestamps import parse_timestamp

NAMES = st.sampled_from(
    ["id", "tokenId", "clientId", "name", "label", "createdAt", "created", "expiry", "lastUsedAt", "scopes", "scope",
     "user", "owner", "createdBy", "serviceAccountId", "status", "clientSecret", "extra", "links", "data", "items"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
SECRET = "not-a-real-secret"


def page(content: Any, kind: str = "service-token") -> list[Credential]:
    return credential_page(json.dumps(content).encode(), kind, "Test").credentials


@pytest.mark.parametrize("around", [list, *(lambda items, n=n: {n: items} for n in ("data", "items", "serviceTokens"))])
@pytest.mark.parametrize(
    "item",
    [
        {"id": "a", "label": "job", "createdAt": "2026-01-02T00:00:00Z", "expiresAt": "2027-01-02T00:00:00Z",
         "lastActiveAt": "2026-11-01T00:00:00Z", "serviceAccountId": "s", "scopes": ["read:jira-work"]},
        {"tokenId": "a", "name": "job", "created": 1767312000000, "expiry": 1798848000000, "lastAccess": 1793491200000,
         "serviceAccount": {"id": "s"}, "scopes": [{"name": "read:jira-work"}]},
        {"id": "a", "tokenName": "job", "creationDate": "2026-01-02", "expirationDate": "2027-01-02",
         "lastUsedAt": "2026-11-01", "user": {"accountId": "s"}, "scope": "read:jira-work"},
    ],
)  # fmt: skip
def test_members_are_found_under_their_likely_names(around: Any, item: dict[str, Any]) -> None:
    (found,) = page(around([item]))
    assert (found.record, found.name, found.account_id) == ("service-token:a", "job", "s")
    assert found.scopes == ("read:jira-work",)
    assert parse_timestamp(found.created_at) == 1767312000
    assert parse_timestamp(found.expires_at) == 1798848000
    assert parse_timestamp(found.last_active_at) == 1793491200
    assert not found.extra


def test_unknown_members_are_kept_and_secrets_are_not() -> None:
    (found,) = page(
        {"items": [{
            "clientId": "c", "clientName": "app", "grantTypes": ["client_credentials"], "clientSecret": SECRET,
            "config": {"nested": {"refresh_token": SECRET, "depth": 2}}, "token": SECRET, "callback": None,
            "createdBy": {"id": "u", "name": "Ada", "appType": "user"}, "keys": [{"key": SECRET}],
        }]},
        "oauth-client",
    )  # fmt: skip
    assert SECRET not in json.dumps(dict(found.extra))
    assert found.extra == {
        "grantTypes": ["client_credentials"], "clientSecret": LEFT_OUT, "token": LEFT_OUT,
        "config": {"nested": {"refresh_token": LEFT_OUT, "depth": 2}}, "createdBy": {"appType": "user"},
        "keys": [{"key": LEFT_OUT}],
    }  # fmt: skip
    assert (found.maker_id, found.maker_name) == ("u", "Ada")


@pytest.mark.parametrize(
    "name",
    ["secretKey", "tokenValue", "bearer_token", "rawToken", "clientSecretValue", "apiKeyValue", "passphrase", "jwt",
     "pat", "access-key", "secretHash", "secrets", "credentials", "private key", "refreshTokens"],
)  # fmt: skip
@pytest.mark.parametrize("value", [SECRET, [SECRET], {"v": SECRET}, [{"v": SECRET}]], ids=str)
def test_no_member_that_may_be_a_secret_is_kept(name: str, value: Any) -> None:
    (found,) = page([{"id": "a", "around": {name: value}, name: value, "tokenId": "t", "secretName": "n"}], "key")
    assert SECRET not in json.dumps(dict(found.extra))
    assert found.extra["tokenId"] == "t"
    assert found.extra["secretName"] == "n"


def test_a_revoked_key_says_so() -> None:
    (found,) = page({"data": [{"id": "k", "revocationDate": "2026-10-01T00:00:00Z"}]}, "key")
    assert found.status == "REVOKED"
    assert found.extra == {"revocationDate": "2026-10-01T00:00:00Z"}


def test_an_item_without_an_id_has_the_same_one_in_each_pull() -> None:
    first, second = (page([{"label": "job", "lastUsedAt": day}])[0] for day in ("2026-11-01", "2026-11-02"))
    assert first.credential_id == second.credential_id
    assert first.credential_id != page([{"label": "other"}])[0].credential_id
    assert page([{"odd": 1}])[0].credential_id != page([{"odd": 2}])[0].credential_id


def test_entries_that_are_no_objects_are_counted() -> None:
    found = credential_page(b'{"items": [{"id": "a"}, "b", null, 3], "total": 9}', "key", "Test")
    assert ([each.credential_id for each in found.credentials], found.unreadable, found.total) == (["a"], 3, 9)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'"text"', b'{"a": [], "b": []}', b"{", b'{"data": {"id": 1}}'])
def test_a_response_without_a_list_is_refused(body: bytes) -> None:
    with pytest.raises(TokendeskError, match=r"^Test: "):
        credential_page(body, "key", "Test")


@given(
    content=st.lists(st.dictionaries(NAMES, VALUES, max_size=8) | VALUES, max_size=4)
    | st.dictionaries(NAMES, VALUES, max_size=4),
    kind=st.sampled_from(CREDENTIAL_KINDS),
)
def test_any_json_is_decoded_or_refused(content: Any, kind: str) -> None:
    body = json.dumps(content).replace("Infinity", "null").replace("-null", "null").replace("NaN", "null").encode()
    try:
        found = credential_page(body, kind, "Test")
    except TokendeskError:
        return
    for each in found.credentials:
        assert each.record.startswith(f"{kind}:")
        assert all(isinstance(scope, str) for scope in each.scopes or ())
        json.dumps(dict(each.extra))

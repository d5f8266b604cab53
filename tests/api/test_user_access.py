"""Roles, products and groups in the answers of the user search, also in forms that nothing documents."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendesk.api import decoding
from tokendesk.api.shapes import Page, users
from tokendesk.model.bounds import LISTED, TEXT_CHARACTERS
from tokendesk.model.records import User
from tokendesk.model.user_access import role_name, role_words


def decoded(members: Mapping[str, Any]) -> User:
    body = json.dumps({"data": [{"accountId": "712020:ada", **members}]}).encode()
    (user,) = users(decoding.decode(body, Page, "Users").data, "Users")
    return user


def test_what_is_documented_is_kept() -> None:
    user = decoded(
        {
            "platformRoles": ["atlassian/site-admin", "jira-admin", "jira-admin"],
            "productAccess": [
                {"key": "jira", "id": "ari:cloud:jira::site/1", "lastActiveTimestamp": "2026-11-01T09:12:33Z"},
                {"key": "jira", "id": "ari:cloud:jira::site/2", "lastActiveTimestamp": "2026-11-03T09:12:33Z"},
                {"key": "confluence", "id": "ari:cloud:confluence::site/1"},
            ],
            "groups": [{"id": "1", "name": "developers", "description": ""}],
        }
    )
    assert user.roles == ("atlassian/site-admin", "jira-admin")
    assert user.products == {"jira": "2026-11-03T09:12:33Z", "confluence": None}
    assert user.groups == ("developers",)
    assert user.org_admin is False
    assert user.last_active == "2026-11-03T09:12:33Z"
    assert user.extra == {}


def test_none_is_not_the_same_as_not_told() -> None:
    none = decoded({"platformRoles": [], "productAccess": [], "groups": []})
    assert (none.roles, none.products, none.groups, none.org_admin) == ((), {}, (), False)
    untold = decoded({"platformRoles": None})
    assert (untold.roles, untold.products, untold.groups, untold.org_admin) == (None, None, None, None)


@pytest.mark.parametrize("odd", ["org-admin", {"0": "org-admin"}, ["org-admin", 1], [{"id": "org-admin"}], [None], 7])
def test_roles_in_another_form_are_not_told(odd: object) -> None:
    user = decoded({"platformRoles": odd, "productAccess": [{"key": "jira"}]})
    assert (user.roles, user.org_admin) == (None, None)
    assert user.products == {"jira": None}


@pytest.mark.parametrize(
    ("product", "key"),
    [
        ({"key": 7, "id": "ari:cloud:confluence::site/1"}, "confluence"),
        ({"id": "ari:cloud:jira::site/1"}, "jira"),
        ({"key": {"name": "jira"}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_product_without_a_key_is_still_one(product: Mapping[str, Any], key: str) -> None:
    used = {**product, "lastActiveTimestamp": "2026-11-01T09:12:33Z"}
    assert decoded({"productAccess": [used]}).products == {key: "2026-11-01T09:12:33Z"}


@pytest.mark.parametrize("odd", ["developers", {"name": "developers"}, [{"id": "1"}, {"name": "b"}], [7]])
def test_groups_in_another_form_stay_with_the_other_data(odd: object) -> None:
    user = decoded({"groups": odd})
    assert user.groups is None
    assert user.extra == {"groups": odd}


def test_long_lists_and_texts_are_cut_and_an_admin_is_not_lost() -> None:
    many = [f"role-{number}" for number in range(5_000)]
    user = decoded(
        {
            "platformRoles": ["x" * 50_000, *many, "atlassian/org-admin"],
            "productAccess": [{"key": f"product-{number}"} for number in range(5_000)],
            "groups": [{"name": f"group-{number}"} for number in range(5_000)],
        }
    )
    assert user.roles
    assert user.products
    assert user.groups
    assert [len(user.roles), len(user.products), len(user.groups)] == [LISTED] * 3
    assert len(user.roles[0]) == TEXT_CHARACTERS
    assert user.org_admin


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["key", "id", "name", "x"]) | st.text(), inner),
    max_leaves=12,
)
PRODUCT = st.fixed_dictionaries({}, optional=dict.fromkeys(("key", "id", "lastActiveTimestamp"), ANY_JSON))


@given(ANY_JSON | st.lists(st.text()), ANY_JSON | st.lists(PRODUCT), ANY_JSON)
def test_any_json_is_decoded(roles: object, products: object, groups: object) -> None:
    user = decoded({"platformRoles": roles, "productAccess": products, "groups": groups})
    assert user.roles is None or all(isinstance(role, str) and role for role in user.roles)
    assert user.products is None or all(isinstance(key, str) and key for key in user.products)
    assert user.groups is None or all(isinstance(name, str) for name in user.groups)
    assert (user.org_admin is None) == (user.roles is None)


@pytest.mark.parametrize(
    ("sent", "name", "words"),
    [
        ("org-admin", "org-admin", "organization admin"),
        ("atlassian/org-admin", "org-admin", "organization admin"),
        ("ari:cloud:platform::role/Org-Admin", "org-admin", "organization admin"),
        ("atlassian/site-admin", "site-admin", "site admin"),
        ("atlassian/user-access-admin", "user-access-admin", "atlassian/user-access-admin"),
        ("ari:cloud:jira::role/product/admin", "ari:cloud:jira::role/product/admin",
         "ari:cloud:jira::role/product/admin"),
        ("jira-admin", "jira-admin", "jira-admin"),
        ("not-told", "role:not-told", "not-told"),
    ],
)  # fmt: skip
def test_a_role_has_a_name_for_filters_and_words(sent: str, name: str, words: str) -> None:
    assert (role_name(sent), role_words(sent)) == (name, words)

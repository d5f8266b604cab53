"""Elements that name an account by its id, and something else by another id."""

import json
from typing import Any

import pytest

from tokendesk.api.policy_shapes import decode_policies
from tokendesk.model.records import Membership


@pytest.mark.parametrize("asked", [{"a1": "a@example.com"}, {"a1": None, "a2": None}], ids=["one", "two"])
@pytest.mark.parametrize(
    "beside",
    [
        {"userId": "u-99"},
        {"user": {"id": "5f0c", "name": "x"}},
        {"user": {"userId": "77"}},
        {"account": {"id": "77"}},
        {"id": "0123456789abcdef01234567"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["accountId", "account_id"])
def test_an_account_id_counts_more_than_ids_of_any_other_name(
    name: str, beside: dict[str, Any], asked: dict[str, str | None]
) -> None:
    element = {name: "a1", "policyId": "p", **beside}
    answer = decode_policies(json.dumps([element]).encode(), asked, "bulk-fetch")
    assert answer.memberships == (Membership("a1", "p", None, None),) and answer.unassigned == 0


@pytest.mark.parametrize("beside", [{"userId": "a1"}, {"user": {"id": "a1"}}, {"user": {"accountId": "a1"}}], ids=str)
def test_an_account_id_of_somebody_else_is_not_outweighed_by_another_id(beside: dict[str, Any]) -> None:
    element = {"accountId": "z", "policyId": "p", **beside}
    for asked in ({"a1": None}, {"a1": None, "a2": None}):
        answer = decode_policies(json.dumps([element]).encode(), asked, "bulk-fetch")
        assert [each.policy_id for each in answer.memberships if each.policy_id] == []

"""Responses about accounts and organizations that were not requested are ignored."""

import json
from typing import Any

import pytest

from tests.scripted import KEY, ORG, scripted
from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.api.policy_shapes import decode_policies
from tokendesk.errors import InvalidResponse
from tokendesk.model.secret import Secret

ADA, BOB = "712020:11111111-1111-4111-8111-111111111111", "712020:22222222-2222-4222-8222-222222222222"
EVE = "712020:33333333-3333-4333-8333-333333333333"
ASKED = {ADA: "ada@example.com", BOB: "bob@example.com"}


def told(*elements: dict[str, Any], asked: dict[str, str | None] | None = None) -> dict[str, str | None]:
    answer = decode_policies(json.dumps(elements).encode(), asked or dict(ASKED), "Policies of users")
    return {membership.account_id: membership.policy_id for membership in answer.memberships}


@pytest.mark.parametrize(
    "whose",
    [
        {"accountId": EVE},
        {"userId": EVE},
        {"id": EVE},
        {"id": "5b10ac8d82e05b22cc7d4ef5"},
        {"user": {"id": EVE}},
        {"account": {"accountId": EVE}},
        {"user": {"userId": EVE, "email": "ada@example.com"}},
        {"accountId": EVE, "user": {"accountId": ADA}},
        {"accountId": EVE, "userId": ADA},
    ],
)
def test_a_row_with_the_id_of_somebody_else_is_taken_for_nobody(whose: dict[str, Any]) -> None:
    row = {**whose, "email": "ada@example.com", "policyId": "elsewhere"}
    assert told(row) == {}
    assert told(row, {"accountId": ADA, "policyId": "here"}) == {ADA: "here"}
    assert "elsewhere" not in told(row, asked={ADA: "ada@example.com"}).values()


def test_a_row_without_the_id_of_an_account_is_taken_by_its_address_alone() -> None:
    assert told({"email": "ADA@example.com", "policyId": "here"}) == {ADA: "here"}
    assert told({"id": "7", "email": "ada@example.com", "policyId": "here"}) == {ADA: "here"}
    assert told({"id": ADA, "policyId": "here"}, {"user": {"id": BOB}, "policyId": "there"}) == {
        ADA: "here",
        BOB: "there",
    }
    assert told({"email": "ada@example.com", "user": {"email": "bob@example.com"}, "policyId": "here"}) == {}


@pytest.mark.parametrize(("answered", "is_taken"), [("another\x1b[2J", False), (ORG.upper(), True)])
async def test_an_organization_that_was_not_asked_about_is_refused(answered: str, is_taken: bool) -> None:
    with scripted() as script:
        data = {"data": {"id": answered, "attributes": {"name": "Acme"}}}
        script.route("GET", "/admin/v1/orgs/{org}", lambda *_: (200, data, {}))
        async with open_client(script.url, Secret(KEY)) as client:
            if is_taken:
                assert (await calls.organization(client, ORG)).name == "Acme"
                return
            with pytest.raises(
                InvalidResponse, match=f"the request was for {ORG}, and the response is about another"
            ) as error:
                await calls.organization(client, ORG)
            assert "\x1b" not in str(error.value)

"""The practice organization conforms to the API description: statuses, headers, content types, bodies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.sandbox.conftest import KEYS, practice
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.serve import serving
from tokendesk.sandbox.service_accounts import account_id

# Not among them: the delete that revokes everything, and what tokendesk never asks.
SERVED = [
    "listOrgs", "getOrg", "listManagedAccounts", "getLastActiveDates", "listDomains", "searchEvents", "pollEvents",
    "getEvent", "listEventActions", "listDirectories", "searchDirectoryUsers", "listDirectoryUsers",
    "countDirectoryUsers", "getDirectoryUser", "getManagePermissions", "getProfile", "listTokensOfUser",
    "deleteTokenOfUser", "listOrgTokens", "countOrgTokens", "listOrgApiKeys", "countOrgApiKeys",
    "listServiceAccounts", "listServiceAccountTokens", "listTokensOfServiceAccount",
    "listServiceAccountOauthClients", "listOauthClientsOfServiceAccount", "listOauthClients", "addUsersToAuthPolicy",
    "getAuthPolicyTask", "bulkFetchAuthPolicies",
]  # fmt: skip

schema = schemathesis.openapi.from_path(Path(__file__).with_name("openapi.yaml"))
schema.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
schema.config.phases.coverage.enabled = False
schema.config.phases.examples.enabled = False
served_part = schema.include(operation_id=SERVED)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Sandbox]]:
    with serving(practice(tokens=200), KEYS) as (address, sandbox):
        yield address.url, sandbox


def real_ids(sandbox: Sandbox, nth: int) -> dict[str, str]:
    """Return path parameters that exist: random ones would only ever be unknown."""
    organization = sandbox.organization
    life = list(organization.living())[nth][1]
    token = organization.token(life)
    tasks = organization.state.tasks or [organization.tasks.add(organization.policies[0].id, ["a@example.com"])]
    return {
        "orgId": organization.id,
        "directoryId": organization.directories[0][0],
        "accountId": organization.person(token.owner).account_id,
        "tokenId": token.id,
        "policyId": organization.policies[nth % 4].id,
        "taskId": next(iter(tasks)),
        "eventId": sandbox.state.events.day(organization.seconds() // 86_400 - nth)[0].id,
        "serviceAccountId": account_id(organization, nth % organization.credentials.sizes.service_accounts),
    }


@served_part.parametrize()
@served_part.given(exists=st.booleans(), nth=st.integers(0, 100))
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described(served: tuple[str, Sandbox], case: Any, exists: bool, nth: int) -> None:
    url, sandbox = served
    real = real_ids(sandbox, nth)
    strange = {"orgId": real["orgId"], "directoryId": "-"}
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real[name] if exists else strange.get(name, "nobody")
    statuses = case.operation.definition.raw["responses"]
    if "400" not in statuses:
        case.query.pop("cursor", None)
    if exists and isinstance(case.body, dict) and "users" in case.body:
        case.body["users"].append(sandbox.organization.person(nth).email or "")
    if exists and isinstance(case.body, dict) and "accountIds" in case.body:
        case.body["accountIds"].append(real["accountId"])
    answer = case.call(base_url=url, headers={"Authorization": f"Bearer {KEYS.unscoped}"}, timeout=600)
    case.validate_response(
        answer,
        checks=[
            schemathesis.checks.not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )


def test_the_description_names_every_served_endpoint() -> None:
    assert all(schema.find_operation_by_id(name) for name in SERVED)

"""A practice organization with a frozen clock, and clients that reach it over a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.auth import Keys
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving

ANCHOR = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEYS = Keys("scoped-for-tests", "unscoped-for-tests")


class Clock:
    def __init__(self, now: datetime = ANCHOR) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Visitor:
    """A client of one served organization; `call` answers the JSON of a success."""

    def __init__(self, url: str, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.organization = sandbox.organization
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=600)
        org = self.organization.id
        self.v1 = f"/admin/v1/orgs/{org}"
        self.v2 = f"/admin/v2/orgs/{org}/directories"
        self.access = f"/admin/api-access/v1/orgs/{org}"
        self.control = f"/admin/control/v1/orgs/{org}"

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def search(self, **body: Any) -> Any:
        return self.call("POST", f"{self.v2}/-/users/search", json=body)

    def policies_of(self, *account_ids: str) -> dict[str, str]:
        path = f"{self.control}/users/auth-policies/bulk-fetch"
        found = self.call("POST", path, json={"accountIds": account_ids})
        return {element["accountId"]: element["policyId"] for element in found}

    def token_list(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"pageSize": 100}
        while True:
            page = self.call("GET", f"{self.access}/api-tokens", params=query)
            found += page["data"]
            if page["links"]["next"] is None:
                return found
            query["cursor"] = page["links"]["next"]


@contextmanager
def visiting(organization: Organization, key: str = KEYS.unscoped) -> Iterator[Visitor]:
    with serving(organization, KEYS) as (address, sandbox):
        visitor = Visitor(address.url, sandbox, key)
        with visitor.http:
            yield visitor


def practice(clock: Clock | None = None, state_file: Path | None = None, **sizes: Any) -> Organization:
    return Organization(anchor=ANCHOR, now=clock or Clock(), state_file=state_file, **sizes)


@pytest.fixture(scope="package")
def visitor() -> Iterator[Visitor]:
    """A visitor with all rights of the default organization; for tests that change nothing."""
    with visiting(practice()) as visitor:
        yield visitor


@pytest.fixture
def guest() -> Iterator[Visitor]:
    """A visitor of an organization of one's own."""
    with visiting(practice()) as visitor:
        yield visitor

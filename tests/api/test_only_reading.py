"""No code path can change a credential: the client sends no such request, whoever asks it to."""

import re
from pathlib import Path

import pytest

import tokendesk
from tests.practice import organization, practice
from tokendesk.api.client import Client, open_client

ORG = organization().id
ACCESS = f"/admin/api-access/v1/orgs/{ORG}"
PATHS = (
    f"{ACCESS}/api-tokens", f"{ACCESS}/api-keys/k", f"{ACCESS}/api-keys/revoke/k", f"{ACCESS}/service-accounts",
    f"{ACCESS}/service-accounts/s", f"{ACCESS}/service-accounts/s/api-tokens", f"{ACCESS}/service-accounts/count",
    f"{ACCESS}/oauth-clients", f"{ACCESS}/oauth-clients/c", f"{ACCESS}/oauth-clients/count",
    f"{ACCESS}/service-accounts/s/oauth-clients",
    f"/admin/control/v1/orgs/{ORG}/auth-policy/../../../../api-access/v1/orgs/{ORG}/service-accounts/s/add-users/..",
    f"{ACCESS}/service-accounts/users/search/..", f"{ACCESS}/api-keys/revoke/k?/users/search",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_the_client_sends_no_request_that_changes_a_credential(path: str) -> None:
    with practice() as access:
        async with open_client(access.api_url, access.key) as client:
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                with pytest.raises(ValueError, match="ever"):
                    await client.mutate(method, path, {}, what="Test")
            with pytest.raises(ValueError, match="by POST"):
                await client.query(path, {}, what="Test")
            with pytest.raises(ValueError, match="by POST"):
                await client.probe(path, question={})
            assert client.answers == 0


def test_nothing_else_in_the_program_sends_requests() -> None:
    """Only the client has httpx; its methods are the only way out."""
    source = Path(tokendesk.__file__).parent
    sending = re.compile(r"\b(?:httpx|aiohttp|urllib\.request|http\.client|requests)\b")
    settings = "from urllib.request import getproxies, proxy_bypass\n"  # these read the system's and send nothing
    found = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if re.search(
            rf"^\s*(?:import|from) {sending.pattern}", path.read_text("utf-8").replace(settings, ""), re.MULTILINE
        )
    }
    assert found == {"api/client.py"}
    methods = {name for name in vars(Client) if not name.startswith("_")}
    assert methods == {"get", "query", "mutate", "probe", "close"}

"""Page sizes of the token list: large pages lose no token."""

import pytest

from tests.api.hurried import Hurry, hurried
from tests.practice import organization
from tokendesk.api.token_list import LARGEST_PAGE, TokenList
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import serving


@pytest.mark.parametrize(
    ("fault", "kept", "page_size", "requests"),
    [
        (None, None, LARGEST_PAGE, 1),
        ("small-token-pages", None, 100, 4),
        ("truncated-tokens", None, 100, 4),
        ("small-token-pages", 100, 100, 3),
    ],
)
async def test_every_token_comes_once(fault: str | None, kept: int | None, page_size: int, requests: int) -> None:
    made = organization(300, 240)
    with serving(made, wrap=with_faults([fault] if fault else [])) as (address, sandbox):
        client = hurried(address, Hurry())
        tokens = TokenList(client, address.org_id, kept)
        found = [token.token_id async for page in tokens.pages(240) for token in page]
        await client.close()
    assert sorted(found) == sorted(made.token(life).id for _, life in made.living())
    assert tokens.page_size == page_size
    assert sum(sandbox.requests.values()) == requests

"""Page sizes of the token list: large pages lose no token."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tests.api.hurried import Hurry, hurried
from tests.practice import organization
from tokendesk.api.paging import one_ahead
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


@pytest.mark.parametrize(("counted", "requests"), [(241, 1), (300, 4)])
async def test_a_number_that_counts_more_than_is_listed_makes_no_page_smaller(counted: int, requests: int) -> None:
    made = organization(300, 240)
    with serving(made) as (address, sandbox):
        client = hurried(address, Hurry())
        tokens = TokenList(client, address.org_id)
        found = [token.token_id async for page in tokens.pages(counted) for token in page]
        await client.close()
    assert len(found) == 240
    assert tokens.page_size == LARGEST_PAGE
    assert sum(sandbox.requests.values()) == requests


async def test_the_list_that_is_read_ahead_is_closed_with_its_reader() -> None:
    ended = False

    async def pages() -> AsyncGenerator[int, None]:
        nonlocal ended
        try:
            yield 1
            yield 2
            yield 3
        finally:
            ended = True

    async with aclosing(one_ahead(pages())) as ahead:
        async for _ in ahead:
            break
    assert ended

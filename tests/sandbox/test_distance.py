"""A practice organization with latency and rate limits."""

import asyncio
from functools import partial

import httpx
import pytest

from tests.sandbox.conftest import KEYS, practice
from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.commands.sandbox import limit
from tokendesk.model.secret import Secret
from tokendesk.sandbox.distance import Distance, Limit, family
from tokendesk.sandbox.distant import Distant
from tokendesk.sandbox.serve import serving


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/admin/api-access/v1/orgs/o/api-tokens", "tokens"),
        ("/admin/v2/orgs/o/directories/-/users/search", "users"),
        ("/admin/v1/orgs/o/users", "users"),
        ("/admin/control/v1/orgs/o/users/auth-policies/bulk-fetch", "policies"),
        ("/admin/control/v1/orgs/o/auth-policy/p/add-users", "moves"),
        ("/admin/v1/orgs/o", ""),
    ],
)
def test_what_is_limited_together(path: str, name: str) -> None:
    assert family(path) == name


def test_each_answer_comes_after_the_latency_give_or_take_the_jitter() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    distance = Distance(latency=0.3, jitter=0.1, speed=10)
    with serving(practice(), KEYS, wrap=partial(Distant, distance=distance, sleep=sleep)) as (address, sandbox):
        asyncio.run(_count_tokens(address.url, sandbox.organization.id, 20))
    assert len(slept) == 20
    assert all(0.02 <= seconds <= 0.04 for seconds in slept)
    assert len(set(slept)) > 1


async def _count_tokens(url: str, org_id: str, times: int) -> None:
    async with open_client(url, Secret(KEYS.scoped)) as client:
        for _ in range(times):
            assert await calls.count_tokens(client, org_id) == 82


def test_what_is_over_the_limit_is_refused_until_the_period_ends() -> None:
    now = [6_000.0]
    distance = Distance(limits={"tokens": Limit(2, 60.0)})
    wrap = partial(Distant, distance=distance, wall=lambda: now[0])
    with serving(practice(), KEYS, wrap=wrap) as (address, sandbox):
        path = f"{address.url}/admin/api-access/v1/orgs/{sandbox.organization.id}/api-tokens/count"
        with httpx.Client(headers={"Authorization": f"Bearer {KEYS.scoped}"}, timeout=600) as client:
            answers = [client.get(path) for _ in range(3)]
            now[0] += 60
            answers.append(client.get(path))
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0", "1"]
    assert {answer.headers["x-ratelimit-reset"] for answer in answers[:3]} == {"1970-01-01T01:41:00.000Z"}


def test_a_client_gets_through_limits() -> None:
    distance = Distance(limits={"tokens": Limit(5, 60.0)}, speed=600)
    with serving(practice(), KEYS, wrap=partial(Distant, distance=distance)) as (address, sandbox):
        asyncio.run(_count_tokens(address.url, sandbox.organization.id, 12))


def test_a_limit_is_read_from_what_is_typed() -> None:
    assert limit("tokens=60/min") == ("tokens", Limit(60, 60.0))
    assert limit("users=5/s") == ("users", Limit(5, 1.0))
    for wrong in ("tokens", "tokens=0/min", "cakes=3/min", "tokens=3/day", "tokens=x/min"):
        with pytest.raises(ValueError):
            limit(wrong)

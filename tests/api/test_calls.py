"""Each API call against the practice organization, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.practice import NOW, organization
from tokendesk.api import calls
from tokendesk.api.client import Client, open_client
from tokendesk.api.http_errors import Forbidden
from tokendesk.errors import ApiError
from tokendesk.model.secret import Secret
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving


@asynccontextmanager
async def client_of(
    made: Organization, *, scoped: bool = False, faults: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Client, Sandbox]]:
    with serving(made, wrap=with_faults(faults)) as (address, sandbox):
        key = address.scoped_key if scoped else address.unscoped_key
        async with open_client(address.url, Secret(key)) as client:
            yield client, sandbox


async def test_a_move_is_a_task_that_ends() -> None:
    made = organization(60, 10)
    default, integrations, *_ = (policy.id for policy in made.policies)
    people = [made.person(i) for i in range(60) if made.policy_of(i) == default and made.person(i).email][:3]
    async with client_of(made, scoped=True) as (client, _):
        emails = [str(person.email) for person in people]
        task_id = await calls.add_users(client, made.id, integrations, [*emails, "nobody@example.com"])
        for _ in range(50):
            task = await calls.move_task(client, made.id, task_id)
            if task.in_progress == 0 and task.succeeded + task.failed == 4:
                break
        assert (task.succeeded, task.failed) == (3, 1)
        assert list(task.failures) == ["nobody@example.com"]
        found = await calls.memberships(client, made.id, {person.account_id: person.email for person in people})
        assert {membership.policy_id for membership in found.memberships} == {integrations}


async def test_a_move_whose_answer_is_lost_is_never_sent_again() -> None:
    made = organization(60, 10)
    async with client_of(made, faults=("dropped-after-accept",)) as (client, sandbox):
        with pytest.raises(ApiError):
            await calls.add_users(client, made.id, made.policies[1].id, ["nobody@example.com"])
        assert sum(n for (_, path), n in sandbox.requests.items() if path.endswith("add-users")) == 1


async def test_one_token_is_revoked_and_a_second_time_it_is_not_there() -> None:
    made = organization(60, 10)
    token = next(made.token(life) for _, life in made.living())
    account = made.person(token.owner).account_id
    async with client_of(made) as (client, _):
        listed = await calls.account_tokens(client, account)
        assert token.label in [one.label for one in listed]
        assert await calls.delete_token(client, account, token.id)
        assert not await calls.delete_token(client, account, token.id)
        assert token.id not in [one.token_id for one in await calls.account_tokens(client, account)]


async def test_a_key_with_scopes_is_told_which_key_is_needed() -> None:
    made = organization(60, 10)
    async with client_of(made, scoped=True) as (client, _):
        with pytest.raises(Forbidden, match="key without scopes"):
            await calls.account_tokens(client, made.person(0).account_id)


async def test_events_go_on_from_a_saved_cursor() -> None:
    made = organization(300, 40)
    since = int(NOW.timestamp()) - 30 * 86_400
    async with client_of(made) as (client, _):
        pages = [page async for page in calls.events(client, made.id, since=since)]
        seen = [event.event_id for page, _ in pages for event in page]
        assert len(seen) == len(set(seen)) > 0
        assert pages[-1][0] == []
        again = [event async for page, _ in calls.events(client, made.id, cursor=pages[-1][1]) for event in page]
        assert again == []
        with_token = [event for page, _ in pages for event in page if event.token_id]
        assert with_token
        assert await calls.event_actions(client, made.id)


async def test_the_older_list_of_users_holds_the_same_people() -> None:
    made = organization(260, 40)
    async with client_of(made) as (client, _):
        new = {user.account_id async for page in calls.users(client, made.id) for user in page.users}
        old = {user.account_id async for page in calls.users_v1(client, made.id) for user in page.users}
        assert new == old
        assert len(new) == 260

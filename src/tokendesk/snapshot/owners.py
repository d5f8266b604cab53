"""Reads users by their account ids, such as the owners of tokens."""

import asyncio
from collections.abc import Callable, Sequence

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, NotFound, NotInPlan
from tokendesk.api.policy_lookup import Accounts, PolicyLookup
from tokendesk.errors import ApiError
from tokendesk.model.records import Membership, User

_AT_ONCE = 3
"""Requests of one kind in flight."""


class NotFoundByIds(ApiError):
    """The server does not search users by their ids, or ignores these."""


def _ignore_count(_: int) -> None:
    pass


async def find_owners(
    client: Client, org_id: str, account_ids: Sequence[str], on_read: Callable[[int], None] = _ignore_count
) -> list[User]:
    """Return those that are managed users. Raises NotFoundByIds, and what any request does.

    `on_read`: gets the number of accounts that each response was about.
    """
    turn = asyncio.Semaphore(_AT_ONCE)

    async def some(part: tuple[str, ...]) -> list[User]:
        found: list[User] = []
        async with turn:
            async for page in calls.users(client, org_id, account_ids=part):
                found += page.users
                if {user.account_id for user in page.users} - set(part):
                    raise NotFoundByIds(  # it lists everybody: do not read on
                        "Atlassian returned users that were not asked for: it does not find users by their ids here. "
                        "Pull everything: tokendesk pull"
                    )
        on_read(len(part))
        return found

    parts = [tuple(account_ids[at : at + calls.PAGE_SIZE]) for at in range(0, len(account_ids), calls.PAGE_SIZE)]
    try:
        found = [await some(parts[0])] if parts else []  # alone: it shows whether the others make sense
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(some(part)) for part in parts[1:]]
    except (BadRequest, NotFound, NotInPlan) as error:
        raise NotFoundByIds(
            f"Atlassian does not find users by their ids here ({error}) Pull everything: tokendesk pull"
        ) from error
    except BaseExceptionGroup as failures:
        raise first_error(failures) from None
    return [user for part in (*found, *(task.result() for task in others)) for user in part]


async def fetch_policies(
    lookup: PolicyLookup, accounts: Accounts, into: list[Membership], on_read: Callable[[int], None] = _ignore_count
) -> None:
    """Add one membership for each account to `into`, several requests at once; raise what `PolicyLookup.fetch` does."""
    waiting = list(accounts.items())

    async def some() -> None:
        while waiting:
            part, waiting[:] = waiting[: lookup.batch], waiting[lookup.batch :]
            await lookup.fetch(dict(part), into)
            on_read(len(part))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(some())
    except BaseExceptionGroup as failures:
        raise first_error(failures) from None


def first_error(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of the tasks of a group, which ended the others."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""Reads the lists of credentials into a work file. Whatever happens to one of them, the pull goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tokendesk.api.client import Client
from tokendesk.api.credential_lists import CREDENTIAL_LISTS, CredentialList, credentials
from tokendesk.api.http_errors import NotFound
from tokendesk.errors import TokendeskError
from tokendesk.snapshot.work_file import WorkFile

LONGEST = 300.0
"""Seconds that all lists together may take: what a pull is for must not wait for them."""

Write = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments, away from the event loop."""


async def read_credentials(client: Client, org_id: str, work: WorkFile, write: Write) -> None:
    """Read all lists, several at once, and keep for each why it was not read, or not to its end.

    Those that an interrupted pull read are not read again. Raises UsageError if the work file cannot be written.
    """
    there = await write(work.credential_lists)
    await asyncio.gather(
        *(_read(client, org_id, each, work, write) for each in CREDENTIAL_LISTS if each.name not in there)
    )


async def _read(client: Client, org_id: str, wanted: CredentialList, work: WorkFile, write: Write) -> None:
    """Read one list. What came before an error is kept."""
    tally = _Tally()
    problem = None
    try:
        async with asyncio.timeout(LONGEST):
            async for page in credentials(client, org_id, wanted):
                tally.items += len(page.credentials) + page.unreadable
                tally.unreadable += page.unreadable
                tally.total = page.total if tally.total is None else tally.total
                await write(work.add_credentials, page.credentials)
    except TimeoutError:
        problem = f"the list took longer than {LONGEST / 60:.0f} minutes, and the rest was left"
    except NotFound:
        problem = "Atlassian does not have this list here (404)"
    except TokendeskError as error:
        problem = str(error).removeprefix(f"{wanted.title}: ")
    await write(work.add_credential_list, wanted.name, wanted.kind, wanted.title, tally.describe(problem))


class _Tally:
    """What came of a list. `unreadable`: items that are no objects; `total`: the length that the server told."""

    def __init__(self) -> None:
        self.items = 0
        self.unreadable = 0
        self.total: int | None = None

    def describe(self, problem: str | None) -> str | None:
        """Return why the list is not complete, None if it is."""
        found = [problem] if problem else []
        if problem and self.items:
            found = [f"only {self.items:,} were read: {problem}"]
        elif self.total is not None and self.items < self.total:
            found.append(f"Atlassian counts {self.total:,} and lists {self.items:,}")
        if self.unreadable:
            found.append(f"{self.unreadable:,} of {self.items:,} entries cannot be read")
        return "; ".join(found) or None

"""Reads the lists of credentials into a work file. Whatever happens to one of them, the pull goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from tokendesk.api.client import Client
from tokendesk.api.credential_lists import CREDENTIAL_LISTS, CredentialList, credentials
from tokendesk.api.credential_shapes import MADE_UP, CredentialPage
from tokendesk.api.http_errors import NotFound
from tokendesk.errors import TokendeskError
from tokendesk.model.records import Credential
from tokendesk.snapshot.work_file import WorkFile

LONGEST = 120.0
"""Seconds that all lists together may take: what a pull is for must not wait for them."""

Write = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments, away from the event loop."""


async def read_credentials(client: Client, org_id: str, work: WorkFile, write: Write, asked: str) -> None:
    """Read all lists, several at once, and keep for each why it was not read, or not to its end.

    Those that an interrupted pull read are not read again. `asked`: when this begins, as ISO 8601. Raises UsageError if
    the work file cannot be written.
    """
    there = await write(work.credential_lists)
    by_kind: dict[str, list[CredentialList]] = {}
    for each in CREDENTIAL_LISTS:
        if each.name not in there:
            by_kind.setdefault(each.kind, []).append(each)

    async def read_all(lists: list[CredentialList]) -> None:
        for each in lists:  # one after the other: what is in two lists is as the first has it
            await _read(client, org_id, each, work, write, asked)

    await asyncio.gather(*map(read_all, by_kind.values()))


async def _read(client: Client, org_id: str, wanted: CredentialList, work: WorkFile, write: Write, asked: str) -> None:
    """Read one list. What came before an error is kept."""
    tally, failed = _Tally(), ""
    deadline = asyncio.get_running_loop().time() + LONGEST
    async with aclosing(credentials(client, org_id, wanted)) as pages:
        while not failed:
            try:
                async with asyncio.timeout_at(deadline):
                    page = await anext(pages, None)
            except (TimeoutError, TokendeskError) as error:
                failed = _describe_failure(error, wanted)
                continue
            if page is None:
                break
            tally.add(page)
            await write(work.add_credentials, page.credentials)
    await write(work.add_credential_list, wanted, tally.describe(failed), None if failed else asked)


def _describe_failure(error: Exception, wanted: CredentialList) -> str:
    if isinstance(error, TimeoutError):
        return f"the list took longer than {LONGEST / 60:.0f} minutes, and the rest was left"
    if isinstance(error, NotFound):
        return "Atlassian does not have this list here (404)"
    return str(error).removeprefix(f"{wanted.title}: ")


class _Tally:
    """What came of a list. `unreadable`: entries that are no objects; `alike`: those that cannot be told from another;
    `total`: the length that the server told.
    """

    def __init__(self) -> None:
        self.unreadable = 0
        self.alike = 0
        self.total: int | None = None
        self._read: dict[str, Credential] = {}

    @property
    def items(self) -> int:
        """How many entries came, each once."""
        return len(self._read) + self.unreadable + self.alike

    def add(self, page: CredentialPage) -> None:
        self.unreadable += page.unreadable
        self.total = page.total if self.total is None else self.total
        for each in page.credentials:
            there = self._read.setdefault(each.credential_id, each)
            is_again = there == each and not each.credential_id.startswith(MADE_UP)  # pages may overlap
            self.alike += there is not each and not is_again

    def describe(self, failed: str) -> str | None:
        """Return why the list is not complete, None if it is. `failed`: why it was not read to its end."""
        found = [failed] if failed else []
        if failed and self.items:
            found = [f"only {self.items:,} were read: {failed}"]
        elif self.total is not None and self.items < self.total:
            found.append(f"Atlassian counts {self.total:,} and lists {self.items:,}")
        if self.unreadable:
            found.append(f"{self.unreadable:,} of {self.items:,} entries cannot be read")
        if self.alike:
            found.append(f"{self.alike:,} entries have no id, or the id of another, and are left out")
        return "; ".join(each.removesuffix(".") for each in found) or None

"""Reads the organization's tokens, in pages as large as the server accepts."""

from collections.abc import AsyncGenerator, AsyncIterator

from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.http_errors import BadRequest, ServerError
from tokendesk.model.records import Token

LARGEST_PAGE = 1000
"""Works in published scripts; the maximum is not documented (api handbook 3.2). `calls.PAGE_SIZE` always works."""

_ENOUGH = 0.99
"""The part of the counted tokens that makes a list count as complete."""


class TokenList:
    """Remembers the page size that works."""

    def __init__(self, client: Client, org_id: str, page_size: int | None = None) -> None:
        """`page_size`: the one that worked last time."""
        self._client = client
        self._org_id = org_id
        self.page_size = LARGEST_PAGE if page_size is None else max(1, min(page_size, LARGEST_PAGE))

    async def pages(self, counted: int | None = None) -> AsyncGenerator[list[Token], None]:
        """Yield each token once. `counted`: how many there should be.

        If the server refuses a large page, or ends the list well before that number, the list is read in small pages.
        A token more or less is no reason: one may be revoked in the meantime.
        """
        seen, large = set[str](), self.page_size
        refused = False
        try:
            async for page in self._unseen(seen):
                yield page
        except (BadRequest, ServerError):
            if large <= calls.PAGE_SIZE:
                raise
            refused = True
        listed = len(seen)
        if not refused and (large <= calls.PAGE_SIZE or listed >= _ENOUGH * (counted or 0)):
            return
        self.page_size = calls.PAGE_SIZE
        async for page in self._unseen(seen):
            yield page
        if not refused and len(seen) == listed:
            self.page_size = large  # the list was complete, and the number counts something else

    async def _unseen(self, seen: set[str]) -> AsyncIterator[list[Token]]:
        async for page in calls.tokens(self._client, self._org_id, self.page_size):
            fresh = {token.token_id: token for token in page if token.token_id not in seen}
            seen.update(fresh)
            yield list(fresh.values())

"""The three paging styles of the API, read as one (api handbook 3.2)."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from tokendesk.errors import InvalidResponse
from tokendesk.model.bounds import CURSOR_CHARACTERS

Page = TypeVar("Page")

MAX_PAGES = 100_000
"""More pages than any organization has: a longer list is endless."""


def next_cursor(value: object, base_url: str, what: str) -> str | None:
    """Return the cursor in a `next` value: a bare cursor, or the one in a full or rooted URL.

    A URL that leads to another scheme, host or port is an error: the key must not be sent there.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidResponse(
            f"{what}: the link to the next page is not text. Try again; report it if this keeps happening."
        )
    if len(value) > 2 * CURSOR_CHARACTERS:
        raise _too_long(what, len(value))
    # A cursor may be base64, which contains slashes.
    if "://" not in value and (not value.startswith("/") or ("?" not in value and not value.startswith("//"))):
        return _checked_length(value, what)
    try:
        parts = urlsplit(value)
        foreign = value.startswith("//") or (parts.netloc and not _same_host(parts.geturl(), base_url))
    except ValueError:
        foreign = True
    if foreign:
        raise InvalidResponse(
            f"{what}: the link to the next page leads to another host, so the key is not sent there. "
            "Check TOKENDESK_API_URL and the proxy."
        )
    try:
        cursors = parse_qs(parts.query, keep_blank_values=True, max_num_fields=100).get("cursor")
    except ValueError:
        raise _too_long(what, len(value)) from None
    if not cursors:
        raise InvalidResponse(
            f"{what}: the link to the next page has no cursor. Try again; report it if this keeps happening."
        )
    return _checked_length(cursors[0], what) or None


def _checked_length(cursor: str, what: str) -> str:
    if len(cursor) > CURSOR_CHARACTERS:
        raise _too_long(what, len(cursor))
    return cursor


def _too_long(what: str, length: int) -> InvalidResponse:
    return InvalidResponse(
        f"{what}: the cursor of the next page has {length:,} characters, too many for a URL. "
        "Try again; report it if this keeps happening."
    )


def _same_host(url: str, base_url: str) -> bool:
    default = {"https": 443, "http": 80}
    one, other = urlsplit(url), urlsplit(base_url)
    return (one.scheme, one.hostname, one.port or default.get(one.scheme)) == (
        other.scheme,
        other.hostname,
        other.port or default.get(other.scheme),
    )


class CursorChain:
    """Walks one paged list; a repeated cursor or too many pages is an error, not an endless loop."""

    def __init__(self, base_url: str, what: str, cursor: str | None = None) -> None:
        """`cursor`: where to begin; None for the first page."""
        self._base_url = base_url
        self._what = what
        self._seen: set[str] = set() if cursor is None else {cursor}
        self.cursor = cursor
        self.page = 1

    def advance(self, value: object) -> bool:
        """Go to the page that `value` names; False at the end of the list."""
        cursor = next_cursor(value, self._base_url, f"{self._what}, page {self.page}")
        if cursor is None:
            return False
        if cursor in self._seen or self.page >= MAX_PAGES:
            raise InvalidResponse(f"{self._what}, page {self.page}: the list does not end. Try again later.")
        self._seen.add(cursor)
        self.cursor = cursor
        self.page += 1
        return True


async def one_ahead(pages: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
    """Yield pages while the next one is being fetched. Close it when you leave it early."""
    coming = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await coming) is not None:
            coming = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        coming.cancel()
        await asyncio.wait([coming])
        if not coming.cancelled():
            coming.exception()  # nobody waits for that page any more
        await pages.aclose()

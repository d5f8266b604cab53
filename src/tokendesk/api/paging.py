"""One reading of the three paging styles (api handbook 3.2)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from tokendesk.errors import BadAnswer
from tokendesk.model.bounds import CURSOR_CHARACTERS

Page = TypeVar("Page")

PAGE_CAP = 100_000
"""More pages than any organization has: past it a list is endless."""


def next_cursor(value: object, base_url: str, what: str) -> str | None:
    """Return the cursor that a `next` value means: a bare cursor as it is, the one inside a full or rooted URL.

    A URL that leads to another scheme, host or port is an error: the key must not be sent there.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadAnswer(f"{what}: the link to the next page is not text. Try again; report it if it stays.")
    if len(value) > 2 * CURSOR_CHARACTERS:
        raise _too_long(what, len(value))
    # A cursor may be in base64, in which a slash is a letter like others.
    if "://" not in value and (not value.startswith("/") or ("?" not in value and not value.startswith("//"))):
        return _bounded(value, what)
    try:
        parts = urlsplit(value)
        foreign = value.startswith("//") or (parts.netloc and not _same_host(parts.geturl(), base_url))
    except ValueError:
        foreign = True
    if foreign:
        raise BadAnswer(
            f"{what}: the next page is said to be on another host, and the key does not go there. "
            "Check TOKENDESK_API_URL and the proxy."
        )
    try:
        cursors = parse_qs(parts.query, keep_blank_values=True, max_num_fields=100).get("cursor")
    except ValueError:
        raise _too_long(what, len(value)) from None
    if not cursors:
        raise BadAnswer(f"{what}: the link to the next page has no cursor. Try again; report it if it stays.")
    return _bounded(cursors[0], what) or None


def _bounded(cursor: str, what: str) -> str:
    if len(cursor) > CURSOR_CHARACTERS:
        raise _too_long(what, len(cursor))
    return cursor


def _too_long(what: str, length: int) -> BadAnswer:
    return BadAnswer(
        f"{what}: the cursor of the next page has {length:,} characters, more than an address can hold. "
        "Try again; report it if it stays."
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
    """Walks one list; a cursor met twice or a page too many ends it with an error instead of never."""

    def __init__(self, base_url: str, what: str) -> None:
        self._base_url = base_url
        self._what = what
        self._seen: set[str] = set()
        self.cursor: str | None = None
        self.page = 1

    def advance(self, value: object) -> bool:
        """Step to the page that `value` names; False at the end of the list."""
        cursor = next_cursor(value, self._base_url, f"{self._what}, page {self.page}")
        if cursor is None:
            return False
        if cursor in self._seen or self.page >= PAGE_CAP:
            raise BadAnswer(f"{self._what}, page {self.page}: the list never ends. Try again later.")
        self._seen.add(cursor)
        self.cursor = cursor
        self.page += 1
        return True


async def one_ahead(pages: AsyncIterator[Page]) -> AsyncGenerator[Page, None]:
    """Yield the pages of a list, each while the next one is on its way already. Close it where it is left early."""
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

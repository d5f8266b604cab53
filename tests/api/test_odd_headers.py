"""Headers about limits that a server may send, and that are no dates and no counts: they count as not sent."""

import pytest

from tokendesk.api.pacing import RateLimiter, retry_after, until_reset

NOW = 1_800_000_000.0
ODD_DATES = (
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 99 Foo 2026 99:99:99 GMT",
    "1" * 5_000 + " Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 +999999999999", ",", "\x00", "-", "٣",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD_DATES)
def test_an_odd_date_is_no_date(text: str) -> None:
    assert retry_after({"retry-after": text}, NOW) in (None, 0.0, 3.0)
    assert retry_after({"date": text, "retry-after": "7"}, NOW) == 7.0
    assert until_reset({"x-ratelimit-reset": text}, NOW) is None


@pytest.mark.parametrize("count", ["9" * 5_000, "٣", "-1", "1e9", ""])
def test_an_odd_count_is_no_count(count: str) -> None:
    turns = RateLimiter()
    turns.acquire()
    turns.release({"x-ratelimit-remaining": count, "x-ratelimit-reset": "2030-01-01T00:00:00Z"}, NOW)
    assert turns.delay(NOW) == 0.0

"""Invalid dates and counts in rate-limit headers count as not sent."""

import pytest

from tests.api.odd_headers import NOW, ODD_DATES
from tokendesk.api.pacing import RateLimiter, retry_after, until_reset


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

"""Rough durations in words."""

import pytest

from tokendesk.desk.clocks import length_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"), (59.4, "59 seconds"), (59.7, "1 minute"), (89, "1 minute"), (3_599, "1 hour"),
        (86_399, "1 day"), (86_400 * 3, "3 days"), (364.9 * 86_400, "1 year"), (3_652.5 * 86_400, "10 years"),
    ],
)  # fmt: skip
def test_a_length_is_said_in_the_unit_it_rounds_to(seconds: float, words: str) -> None:
    assert length_words(seconds) == words

"""Days as they are shown."""

import pytest

from tests.hostile_home import EVIL, obeyed
from tests.practice import NOW
from tokendesk.model.dates import describe_day

AT = int(NOW.timestamp())


@pytest.mark.parametrize("text", ["", "2026-13-01", f"2026-01-01{EVIL}"])
def test_a_day_of_a_colleagues_file_that_is_none_is_shown_as_text(text: str) -> None:
    assert obeyed(describe_day(text, AT)) == []


def test_a_day_is_shown_with_its_distance() -> None:
    assert describe_day("2026-12-31", AT) == "Thu 31 Dec 2026, in 38 d"

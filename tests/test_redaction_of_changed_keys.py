"""Keys whose letters were changed, and texts made to slow the search down."""

import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_keys import SHARED, given_away, made_key
from tokendesk.model.redaction import redact, redact_text
from tokendesk.model.secret import Secret

USUAL = made_key(11)
ODD = made_key(12, letters=string.ascii_letters + string.digits + "+/=&\"\\'<>%:,;~.!?")


@pytest.fixture(scope="module", autouse=True)
def _held() -> Iterator[list[Secret]]:
    """Hold the keys as long as these tests run: they would be looked for in every response of all others."""
    yield [Secret(key) for key in (USUAL, ODD)]


@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase, lambda text: text[::-1]])
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_key_does_not_come_through_with_its_letters_changed(key: str, change: object, data: st.DataObject) -> None:
    assert callable(change)
    secret = key.removeprefix(SHARED)
    start = data.draw(st.integers(0, len(secret) - 12))
    part = secret[start : data.draw(st.integers(start + 12, len(secret)))]
    left = redact_text(f"Key {change(part)} is wrong")
    assert left.startswith("Key ") and left.endswith(" is wrong")
    assert given_away(str(change(left)), key) == ""


@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_a_key_does_not_come_through_in_hex(key: str, change: object) -> None:
    assert callable(change)
    for length in (12, 30, 100):
        part = key.removeprefix(SHARED)[5 : 5 + length].encode()
        assert redact_text(f"dump: {change(part.hex())}.") == "dump: [redacted]."


def test_names_in_capital_letters_are_left_as_they_are() -> None:
    text = b"GET /ADMIN/V1/ORGS " + b"0123456789abcdef" * 1_000
    assert redact(text) is text


@pytest.mark.parametrize("letter", ["%41", "\\u0041"])
def test_an_answer_of_nothing_but_quoted_letters_is_dropped(letter: str) -> None:
    assert redact(letter.encode() * 2_000_000) == b"[redacted]"


@pytest.mark.parametrize("quoted", ["%{:02X}", "%{:02x}", "\\u{:04x}", "\\u{:04X}"])
@pytest.mark.parametrize("before", ["", "x" * 200, "%41%42%43%44%45%46" + "x" * 200])
def test_a_key_that_is_quoted_to_the_last_letter_is_found_anywhere(quoted: str, before: str) -> None:
    part = USUAL.removeprefix(SHARED)[40:60]
    text = before + "".join(quoted.format(ord(char)) for char in part) + " and so on"
    assert redact_text(text) == f"{before}[redacted] and so on"

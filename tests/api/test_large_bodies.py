"""Keys are found in a large body, wherever the pieces end in which it is searched."""

import base64
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import quote

import pytest

from tests.made_keys import given_away, made_key
from tokendesk.api import large_bodies
from tokendesk.api.large_bodies import redact_large
from tokendesk.model.redaction import REDACTED, redact
from tokendesk.model.secret import Secret
from tokendesk.model.text import printable

PIECE = 16 * 1024


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(large_bodies, "_PIECE", PIECE)
    monkeypatch.setattr(large_bodies, "_MOST_PLACES", 20)
    held = Secret(made_key(21))
    yield held.reveal()
    del held


def filled(size: int) -> bytes:
    return (b'{"label":"build, test"},' * (size // 24 + 1))[:size]


def test_a_key_is_redacted_wherever_a_piece_ends(key: str) -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in key)
    forms = (key, quote(quote(key, safe=""), safe=""), escaped, base64.b64encode(key.encode()).decode())
    for form in map(str.encode, forms):
        for before in range(PIECE - len(form) - 10, PIECE + 20, 61):
            body = filled(before) + form + filled(3 * PIECE)
            assert redact_large(body) == redact(body)
            assert redact_large(body).count(REDACTED) == 1


def padded(text: str) -> str:
    """Return a text in HTML escapes with many zeros."""
    return "".join(f"&#{ord(char):022d};" for char in text)


@pytest.mark.parametrize("stretched", ["\u200b".join, ("\u200b" * 400).join, "\\u200b".join, ("\\u200b" * 170).join])
def test_a_key_is_redacted_however_long_characters_without_width_make_it(
    key: str, stretched: Callable[[str], str]
) -> None:
    part = stretched(key[40:62]).encode()
    for before in (2 * PIECE - len(part) // 2, 2 * PIECE - len(part) // 3):
        left = redact_large(filled(before) + part + filled(2 * PIECE)).decode()
        assert left.count("[redacted]") == 1
        assert given_away(printable(left.replace("\\u200b", "")), key) == ""


def test_a_key_is_redacted_however_long_escapes_make_it(key: str) -> None:
    part = padded(padded(key[40:62])).encode()
    left = redact_large(filled(PIECE - len(part) // 2) + part + filled(2 * PIECE))
    assert given_away(unescape(unescape(left.decode())), key) == ""


def test_a_body_without_keys_is_as_it_was(key: str) -> None:
    body = filled(10 * PIECE) + b"[redacted]"
    assert redact_large(body) is body


def test_a_body_with_keys_everywhere_is_dropped(key: str) -> None:
    assert redact_large(f"{key} ".encode() * 1_000) == REDACTED  # nowhere to cut
    assert redact_large((key.encode() + filled(20_000)) * 21) == REDACTED
    assert redact_large((key.encode() + filled(20_000)) * 20).count(REDACTED) == 20

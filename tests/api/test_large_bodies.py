"""Keys are found in a large body, wherever the pieces end in which it is searched."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.made_keys import made_key
from tokendesk.api import large_bodies
from tokendesk.api.large_bodies import redact_large
from tokendesk.model.redaction import REDACTED, redact
from tokendesk.model.secret import Secret

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


def test_a_body_without_keys_is_as_it_was(key: str) -> None:
    body = filled(10 * PIECE) + b"[redacted]"
    assert redact_large(body) is body


def test_a_body_with_keys_everywhere_is_dropped(key: str) -> None:
    assert redact_large(f"{key} ".encode() * 1_000) == REDACTED  # nowhere to cut
    assert redact_large((key.encode() + filled(20_000)) * 21) == REDACTED
    assert redact_large((key.encode() + filled(20_000)) * 20).count(REDACTED) == 20

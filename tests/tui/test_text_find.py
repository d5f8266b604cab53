"""Finding a text in wrapped lines."""

import pytest

from tokendesk.tui.text_find import find_all


def found(text: str, sought: str) -> list[str]:
    return [text[start:end] for start, end in find_all(text, sought)]


@pytest.mark.parametrize(
    ("text", "sought", "hits"),
    [
        ("Ada Lovelace, ada@example.com", "ADA", ["Ada", "ada"]),
        ("Jose\u0301 and José", "jose", ["Jose", "José"]),
        ("Straße, STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("[a.b](c)", "a.b](", ["a.b]("]),
        ("axb", "a.b", []),
        ("a", "", []),
        ("a b", "  ", []),
        ("purpose    nightly\n           export of it", "nightly export", ["nightly\n           export"]),
        ("id         0123\n           4567", "234", ["23\n           4"]),
        ("owner   Ada\0e-mail  x", "adae", []),
        ("a\nb", "a b", ["a\nb"]),
    ],
)
def test_a_text_is_found_as_it_is_read(text: str, sought: str, hits: list[str]) -> None:
    assert found(text, sought) == hits

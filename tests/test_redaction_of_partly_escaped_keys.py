"""Keys of which only some characters are escaped, or that characters without width divide."""

import html
import json
import string
import sys
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_keys import SHARED, given_away, made_key
from tokendesk.model.redaction import REDACTED, redact, redact_text
from tokendesk.model.secret import Secret
from tokendesk.model.text import printable

USUAL = made_key(21)
ODD = made_key(22, letters=string.ascii_letters + string.digits + "+/=&\"\\'<>%:,;~.!?")


@pytest.fixture(scope="module", autouse=True)
def _held() -> Iterator[list[Secret]]:
    """Hold the keys as long as these tests run: they would be looked for in every response of all others."""
    yield [Secret(key) for key in (USUAL, ODD)]


Way = Callable[[str], str]
WRITTEN: dict[str, tuple[list[Way], Way]] = {
    "JSON": (
        [lambda char: json.dumps(char)[1:-1], lambda char: f"\\u{ord(char):04x}", lambda char: f"\\u{ord(char):04X}"],
        lambda text: str(json.loads(f'"{text}"')),
    ),
    "URL": ([lambda char: char if char.isalnum() else f"%{ord(char):02x}", lambda char: f"%{ord(char):02X}"], unquote),
    "HTML": (
        [
            html.escape, lambda char: f"&#{ord(char)};", lambda char: f"&#{ord(char):07d};",
            lambda char: f"&#x{ord(char):x};", lambda char: f"&#X{ord(char):08X};",
        ],
        html.unescape,
    ),
    "no width": (
        [str, lambda char: f"{char}\u200b", lambda char: f"\u00ad{char}", lambda char: f"{char}\ufe0f\U000e0041"],
        printable,
    ),
    "JSON, no width": (
        [
            lambda char: json.dumps(char)[1:-1], lambda char: json.dumps(f"\u200b{char}")[1:-1],
            lambda char: json.dumps(f"{char}\U000e0041")[1:-1],
        ],
        lambda text: printable(json.loads(f'"{text}"')),
    ),
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_no_mix_of_escaped_and_plain_characters_comes_through(written: str, key: str, data: st.DataObject) -> None:
    ways, read = WRITTEN[written]
    secret = key.removeprefix(SHARED)
    start = data.draw(st.integers(0, len(secret) - 12))
    part = secret[start : data.draw(st.integers(start + 12, len(secret)))]
    mixed = "".join(data.draw(st.sampled_from(ways))(char) for char in part)
    left = redact_text(f"<h1>403</h1> {mixed} …")
    assert left.startswith("<h1>403</h1> ") and left.endswith(" …")
    assert given_away(read(left), key) == ""


@pytest.mark.parametrize("inner", ["JSON", "URL", "HTML"])
@pytest.mark.parametrize("outer", ["JSON", "URL", "HTML"])
@settings(deadline=None, max_examples=10)
@given(st.data())
def test_nor_does_a_mix_that_was_escaped_again(inner: str, outer: str, data: st.DataObject) -> None:
    text = USUAL.removeprefix(SHARED)[30:70]
    for ways in (WRITTEN[inner][0], WRITTEN[outer][0]):
        text = "".join(data.draw(st.sampled_from(ways))(char) for char in text)
    left = WRITTEN[inner][1](WRITTEN[outer][1](redact_text(f"Key {text} is wrong")))
    assert given_away(left, USUAL) == ""


def test_what_is_around_a_mix_stays() -> None:
    part = USUAL.removeprefix(SHARED)[40:60]
    mixed = "".join(f"\\u{ord(char):04x}" if at % 2 else char for at, char in enumerate(part))
    for before in ("", "x" * 200, "\\u0041b%43" + "x" * 200, "\\\\"):
        assert redact_text(f'{before} {mixed} "\\u0041"') == f'{before} [redacted] "\\u0041"'


def test_all_that_is_shown_without_width_or_as_ascii_is_known() -> None:
    """The patterns of the search agree with what `printable` does."""
    others = [chr(code) for code in range(0x80, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    found = {char: shown for char in others if (shown := printable(char)).isascii()}
    assert found["\u200b"] == "" and found["\u212a"] == "K"
    for shown in set(found.values()):
        key = f"{USUAL[50:62]}{shown}{USUAL[70:82]}"
        chars = [char for char in found if found[char] == shown]
        chars = chars[:80] + chars[-80:]  # of the thousands of tags, those at both ends
        divided = [f"{USUAL[50:62]}{char}{USUAL[70:82]}" for char in chars]
        held = Secret(key)
        for texts in (
            divided,
            [json.dumps(text)[1:-1] for text in divided],
            [text.replace(char, f"&#{ord(char)};") for text, char in zip(divided, chars, strict=True)],
        ):
            assert set(redact_text("\n".join(texts)).split("\n")) == {"[redacted]"}, shown
        del held


def test_scripts_and_pictures_that_need_joiners_are_the_very_same() -> None:
    body = "👩\u200d💻 क्\u200dष \u2764\ufe0f می\u200cخواهم \u212a José %C3%A9 \\u0041 &eacute; &amp; R&D".encode() * 200
    assert redact(body) is body


@pytest.mark.parametrize("letter", ["%41", "\\u0041", "&#65;", "\u200b", "a&amp;", "&#1040;"])
def test_a_text_of_nothing_but_escapes_is_dropped(letter: str) -> None:
    assert redact(letter.encode() * 300_000) == REDACTED


def test_no_end_of_zeros_takes_long() -> None:
    text = b"&#" + b"0" * 100_000 + b"&#x" + b"0" * 100_000
    assert redact(text) is text

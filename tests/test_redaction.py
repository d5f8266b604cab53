"""Keys in text from outside are redacted in every form and amount."""

import base64
import html
import json
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_keys import SHARED, given_away, made_key
from tokendesk.model.redaction import redact, redact_text
from tokendesk.model.secret import Secret

USUAL = made_key(1)
ODD = made_key(2, letters=string.ascii_letters + string.digits + "+/=&\"\\'<>%:,;~.!?")


@pytest.fixture(scope="module", autouse=True)
def _held() -> Iterator[list[Secret]]:
    """Hold the keys as long as these tests run: they would be looked for in every response of all others."""
    yield [Secret(key) for key in (USUAL, ODD)]


Way = Callable[[str], str]
WRITTEN: dict[str, tuple[Way, Way]] = {
    "as it is": (str, str),
    "quoted for a URL": (quote, unquote),
    "quoted for a part of a URL": (lambda text: quote(text, safe=""), unquote),
    "quoted for a query": (quote_plus, unquote),
    "quoted in small letters": (
        lambda text: "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text), unquote,
    ),
    "quoted to the last letter": (lambda text: "".join(f"%{ord(c):02X}" for c in text), unquote),
    "in JSON": (lambda text: json.dumps(text)[1:-1], lambda text: str(json.loads(f'"{text}"'))),
    "in JSON for a page": (
        lambda text: "".join(f"\\u{ord(c):04x}" if c in "<>&'=" else c for c in json.dumps(text)[1:-1]),
        lambda text: str(json.loads(f'"{text}"')),
    ),
    "in JSON to the last letter": (
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text), lambda text: str(json.loads(f'"{text}"')),
    ),
    "in HTML": (html.escape, html.unescape),
    "twice for a URL": (
        lambda text: quote(quote(text, safe=""), safe=""), lambda text: unquote(unquote(text)),
    ),
    "in JSON for a URL": (
        lambda text: quote(json.dumps(text)[1:-1], safe=""), lambda text: str(json.loads(f'"{unquote(text)}"')),
    ),
    "for a URL in JSON": (
        lambda text: json.dumps(quote(text, safe=""))[1:-1], lambda text: unquote(str(json.loads(f'"{text}"'))),
    ),
    "in JSON in JSON": (
        lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
        lambda text: str(json.loads(f'"{json.loads(chr(34) + text + chr(34))}"')),
    ),
    "in HTML in JSON": (
        lambda text: json.dumps(html.escape(text))[1:-1], lambda text: html.unescape(str(json.loads(f'"{text}"'))),
    ),
    "in JSON in HTML": (
        lambda text: html.escape(json.dumps(text)[1:-1]), lambda text: str(json.loads(f'"{html.unescape(text)}"')),
    ),
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_twelve_characters_of_a_key_in_a_row_never_come_through(written: str, key: str, data: st.DataObject) -> None:
    write, read = WRITTEN[written]
    secret = key.removeprefix(SHARED)
    start = data.draw(st.integers(0, len(secret) - 12))
    end = data.draw(st.integers(start + 12, len(secret)))
    left = redact_text(f"<h1>403</h1> {write(secret[start:end])} …")
    assert left.startswith("<h1>403</h1> ") and left.endswith(" …")
    assert given_away(read(left), key) == ""


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("written", ["as it is", "quoted for a part of a URL", "in JSON for a page"])
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_no_alignment_of_base64_carries_a_key_out(
    encode: Callable[[bytes], bytes], written: str, data: st.DataObject
) -> None:
    write, read = WRITTEN[written]
    secret = USUAL.removeprefix(SHARED)
    start = data.draw(st.integers(0, len(secret) - 12))
    before = data.draw(st.binary(min_size=0, max_size=5))
    after = data.draw(st.binary(min_size=0, max_size=5))
    end = data.draw(st.integers(start + 12, len(secret)))
    carried = encode(before + secret[start:end].encode() + after).decode()
    left = read(redact_text(f"Basic {write(carried)}.")).removeprefix("Basic ").removesuffix(".")
    assert "[redacted]" in left
    kept = max((part for part in left.split("[redacted]")), key=len)
    assert len(kept) <= len(carried) - 15


def test_a_key_in_its_whole_is_gone_with_all_around_it_left() -> None:
    for key in (USUAL, ODD):
        assert redact_text(f'{{"message": "bad key {key}!"}}') == f'{{"message": "bad key {SHARED}[redacted]!"}}'
    short = "a-key-that-is-short"
    held = Secret(short)
    assert redact_text(f"bad key {short}, as {base64.b64encode(short.encode()).decode()}").count("[redacted]") == 2
    del held
    assert "[redacted]" not in redact_text(f"bad key {short}")


def test_what_all_keys_share_and_what_is_too_short_stays() -> None:
    secret = USUAL.removeprefix(SHARED)
    for text in (SHARED, f"{SHARED}…", f"{SHARED}{secret[:11]}", secret[40:51], "an ordinary sentence", ""):
        assert redact_text(text) == text


def test_what_holds_no_key_is_the_very_same() -> None:
    body = json.dumps([{"id": f"712020:{n}", "label": 'say "hi" 100 %, a & b \\u0041'} for n in range(200)]).encode()
    assert redact(body) is body


def test_a_key_that_may_be_a_word_of_an_answer_takes_nothing_out_of_it() -> None:
    held = [Secret("password"), Secret("automation-token")]
    assert redact_text('{"label": "reset password job"}') == '{"label": "reset password job"}'
    assert redact_text('{"label": "automation-token"}') == '{"label": "[redacted]"}'
    del held


@pytest.mark.parametrize(
    ("key", "text", "left"),
    [
        ("nBCDEFGHIJKLMNOPQRSTUVWXYZ", r"line\nBCDEFGHIJKLMNOPQRSTUVWXYZ.", "line[redacted]."),
        ("nBCDEFGHIJKLMNOPQRSTUVWXYZ", r"line\\nBCDEFGHIJKLMNOPQRSTUVWXYZ.", r"line\[redacted]."),
        ("0041BCDEFGHIJKLMNOPQRSTUVWXYZ", r"line\u0041BCDEFGHIJKLMNOPQRSTUVWXYZ.", "line[redacted]."),
        ("BCDEFGHIJKLMNOPQRSTUVWXYZ\\abc", r"line BCDEFGHIJKLMNOPQRSTUVWXYZ\" end.", "line [redacted] end."),
    ],
)
def test_no_escape_of_json_is_split(key: str, text: str, left: str) -> None:
    held = Secret(key)
    assert json.loads(redact(b'{"a": "' + text.encode() + b'"}')) == {"a": left}
    del held


@pytest.mark.parametrize("length", [6, 11, 12, 60, 180])
def test_an_answer_of_very_many_parts_of_a_key_is_dropped_as_a_whole(length: int) -> None:
    part = USUAL.removeprefix(SHARED)[:length]
    assert redact(part.encode() * 20_000) == b"[redacted]"
    apart = f"say {part[:5]} ".encode() * 20_000
    assert redact(apart) is apart


@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@pytest.mark.parametrize("written", ["quoted for a part of a URL", "in JSON", "in JSON for a page"])
@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_a_key_that_was_quoted_and_then_changed_in_case_does_not_come_through(
    key: str, written: str, change: Way
) -> None:
    secret = key.removeprefix(SHARED)
    text = change(WRITTEN[written][0](secret))
    assert redact_text(f"Key {text} is wrong") == "Key [redacted] is wrong"


@pytest.mark.parametrize("key", [USUAL, ODD], ids=["usual", "odd"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("written", ["quoted for a part of a URL", "in JSON"])
@pytest.mark.parametrize("before", [b"", b"u", b"u:"])
def test_a_key_that_was_quoted_before_it_was_put_in_base64_does_not_come_through(
    key: str, encode: Callable[[bytes], bytes], written: str, before: bytes
) -> None:
    secret = key.removeprefix(SHARED)
    for start in range(0, len(secret) - 12, 5):
        carried = encode(before + WRITTEN[written][0](secret[start : start + 40]).encode()).decode()
        kept = max(redact_text(f"Basic {carried}.").removeprefix("Basic ").split("[redacted]"), key=len)
        assert len(kept) < 16

"""Input from outside has limits, and input within them is accepted as before."""

import gzip
import os
import unicodedata
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tokendesk.api import pacing
from tokendesk.api.decompression import decompress
from tokendesk.api.paging import next_cursor
from tokendesk.api.shapes import tokens
from tokendesk.errors import InvalidResponse
from tokendesk.input_files import FileTooLarge, read_bytes
from tokendesk.json_bounds import JsonTooLarge, check_json
from tokendesk.model import bounds
from tokendesk.model.text import fold, limit_marks, printable


async def in_pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare),
        ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
    ],
)
async def test_an_answer_is_unpacked_however_it_arrives(
    encoding: str, pack: Callable[[bytes], bytes], size: int
) -> None:
    body = b'{"data": []}' * 1_000
    assert await decompress(in_pieces(pack(body), size), encoding) == body


async def test_an_answer_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    assert len(await decompress(in_pieces(gzip.compress(bytes(5_000)), 100), "gzip", 5_000)) == 5_000
    with pytest.raises(InvalidResponse, match="larger than"):
        await decompress(in_pieces(gzip.compress(bytes(5_001)), 100), "gzip", 5_000)


def test_json_is_counted_without_what_stands_in_its_texts() -> None:
    check_json(b"[" * bounds.JSON_DEPTH + b"]" * bounds.JSON_DEPTH)
    check_json(b'{"a": "' + b"[{," * 100_000 + b'\\"[", "b": "\\\\"}')
    with pytest.raises(JsonTooLarge, match="nested"):
        check_json(b'{"a\\"": ' + b"[" * bounds.JSON_DEPTH)
    check_json(b"[" + b"0," * (bounds.JSON_MEMBERS - 2) + b"0]")
    with pytest.raises(JsonTooLarge, match="members"):
        check_json(b"[" + b"0," * bounds.JSON_MEMBERS + b"0]")
    check_json(b'["", "x", "' + b"[{," * 1_000 + b'"]')  # without escapes, too
    with pytest.raises(JsonTooLarge):
        check_json(b'["", "x", "]", ' + b"[" * bounds.JSON_DEPTH)
    check_json(b'"' + b'\\"' * 1_000_000)  # a text without an end is read once


def test_cursors_have_a_longest_length() -> None:
    longest = "x" * bounds.CURSOR_CHARACTERS
    assert next_cursor(longest, "https://api.example.com", "List") == longest
    with pytest.raises(InvalidResponse, match="characters"):
        next_cursor(longest + "x", "https://api.example.com", "List")


@pytest.mark.parametrize(
    "value", ["9" * 5_000, "Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 01 Jan 2026 99999999999999999999:00:00 GMT", "\x00"]
)
def test_odd_headers_say_nothing(value: str) -> None:
    headers = {"date": value, "retry-after": value, "x-ratelimit-reset": value, "x-ratelimit-remaining": value}
    assert pacing.retry_after(headers, 1_790_000_000) is None
    assert pacing.server_now(headers, 1_790_000_000) == 1_790_000_000
    pacing.RateLimiter().release({**headers, "x-ratelimit-reset": "2027-01-01T00:00:00Z"}, 1_790_000_000)


def test_an_odd_optional_member_is_not_known_and_the_rest_is_taken() -> None:
    odd = {
        "id": "t",
        "label": "job",
        "scopes": "read:jira-work",
        "user": {"id": "a", "name": 7, "email": "a@example.com"},
    }
    (token,) = tokens([odd], "Tokens")
    assert (token.token_id, token.label, token.scopes) == ("t", "job", None)
    assert (token.owner_id, token.owner_name, token.owner_email) == ("a", None, "a@example.com")
    with pytest.raises(InvalidResponse, match="id"):
        tokens([{"id": 7}], "Tokens")


def test_a_label_is_cut_before_anything_is_done_with_it() -> None:
    (token,) = tokens([{"id": "t", "label": "x" * 1_000_000}], "Tokens")
    assert len(token.label) == bounds.TEXT_CHARACTERS


def test_marks_are_few_before_they_are_sorted() -> None:
    many = "e" + "\u0301\u0323" * 100_000 + "f" + "\uff9e" * 100_000
    assert len(limit_marks(many)) == 2 + 2 * bounds.COMBINING_MARKS
    assert fold(many).startswith("e")
    assert len(printable(many)) <= 2 + 2 * bounds.COMBINING_MARKS
    for text in ("Größe", "e\u0301" * 40, "क्षत्रिय", "ガギグ", "한글", "a" * 200 + "\u0301"):
        assert limit_marks(text) == text
        assert printable(text) == printable(unicodedata.normalize("NFC", text))


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(1_000))
    assert read_bytes(path, 1_000) == bytes(1_000)
    with pytest.raises(FileTooLarge):
        read_bytes(path, 999)
    assert read_bytes(Path(os.devnull), 10) == b""

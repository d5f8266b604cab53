"""The canonical form of entries is the same with every encoder."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokendesk.desk.entry import Entry, read_entry
from tokendesk.desk.json_text import canonical, canonical_of_decoded, decoded, decoded_strictly
from tokendesk.desk.lines import InvalidLine, entry_line, head_line, read_lines

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(TEXTS, some, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(TEXTS, VALUES, max_size=4)


@given(PAYLOADS)
@settings(deadline=None, max_examples=200)
def test_what_was_decoded_has_one_canonical_form(payload: dict[str, object]) -> None:
    text = json.dumps(payload)
    assert decoded(text) == json.loads(text) == payload
    assert decoded_strictly(text) == payload
    assert canonical_of_decoded(decoded_strictly(text)) == canonical(payload)


@given(PAYLOADS, st.text(min_size=1, max_size=30), st.text(max_size=30))
@settings(deadline=None, max_examples=100)
def test_a_line_is_the_same_whether_its_payload_was_encoded_before_or_not(
    payload: dict[str, object], desk_id: str, author: str
) -> None:
    parts = (desk_id, 7, "2026-11-23T09:00:00.000000Z", author, "later")
    plain, read = Entry(*parts, payload), read_entry(*parts, payload)
    line = entry_line(plain)
    assert entry_line(read) == line == canonical(json.loads(line))
    assert plain.entry_id == read.entry_id
    assert list(read_lines([head_line("d", None), line], None)) == [plain]


def test_numbers_that_are_written_in_many_ways_are_those_of_the_standard_library() -> None:
    for text in (
        "1e16",
        "1E+16",
        "1.0",
        "-0",
        "-0.0",
        "1e-7",
        "123456789012345678901234567890",
        "18446744073709551616",
    ):
        payload = json.loads(f'{{"n":{text}}}')
        assert canonical_of_decoded(decoded(f'{{"n":{text}}}')) == canonical(payload)


def test_a_line_with_half_a_character_or_no_number_is_left_out() -> None:
    entry = read_entry("d", 1, "2026-11-23T09:00:00.000000Z", "ada", "later", {"a": "b"})
    for other in ('"\\ud800"', "NaN", "9" * 5_000):
        line = entry_line(entry).replace('"b"', other)
        assert [type(found) for found in read_lines([head_line("d", None), line], None)] == [InvalidLine]


@pytest.mark.parametrize("number", ["1e400", "-1E400", "1.7976931348623159e308", f"1{'0' * 400}.5", "Infinity"])
@pytest.mark.parametrize("beside", ["", ',"b":18446744073709551616'])
def test_an_entry_edited_from_null_to_a_number_beyond_a_float_is_refused(number: str, beside: str) -> None:
    entry = read_entry("d", 1, "2026-11-23T09:00:00.000000Z", "ada", "later", json.loads(f'{{"a":null{beside}}}'))
    line = entry_line(entry)
    assert list(read_lines([head_line("d", None), line], None)) == [entry]
    edited = line.replace('"a":null', f'"a":{number}')
    assert [type(found) for found in read_lines([head_line("d", None), edited], None)] == [InvalidLine]

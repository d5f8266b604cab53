"""JSON is counted in pieces, with the same result wherever they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendesk import json_bounds
from tokendesk.json_bounds import JsonTooLarge, check_json

PARTS = st.sampled_from(["\\\\", '\\"', "\\u0041", "a", "{", ",", "["])


@given(st.lists(PARTS).map("".join), st.integers(1, 9))
def test_what_stands_in_a_text_is_not_counted_wherever_a_piece_ends(inner: str, size: int) -> None:
    body = f'{{"a":["{inner}","{inner}"],"b":1}}'.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_bounds, "_PIECE", size)
        check_json(body, members=6, depth=2)
        with pytest.raises(JsonTooLarge, match="members"):
            check_json(body, members=5, depth=2)
        with pytest.raises(JsonTooLarge, match="nested"):
            check_json(body, members=6, depth=1)

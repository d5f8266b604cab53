"""JSON as entries have it: one canonical form, which is what their ids are made of.

Of many entries, most of the time goes into JSON. msgspec does the same in a fifth of it, but for a few values, which
are left to the standard library.
"""

import json
import re
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_MAYBE_FRACTION = re.compile(r"[:,\[]-?[0-9]+[.eE]")


def canonical(value: Any) -> str:
    """Return `value` with sorted keys and without spaces. This form is fixed."""
    return _ENCODER.encode(value)


def canonical_of_decoded(value: dict[str, Any]) -> str:
    """Return what `canonical` returns, of a value that was decoded from JSON."""
    import msgspec

    try:
        text = msgspec.json.encode(value, order="sorted").decode()
    except (msgspec.MsgspecError, ValueError, OverflowError):  # half a character, a number beyond 64 bits
        return canonical(value)
    # Fractions are written otherwise: 1e+16 is 1e16 there.
    return canonical(value) if _MAYBE_FRACTION.search(text) else text


def decoded(text: str) -> Any:
    """Return what `json.loads` returns."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.loads(text)  # it takes a little more, and its errors are the known ones


def decoded_strictly(text: str) -> Any:
    """Return what a text of JSON says. Raises ValueError or RecursionError where it is none; NaN is none."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _STRICT.decode(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)

"""JSON in the canonical form from which entry ids are computed.

JSON takes most of the time for many entries. msgspec needs a fifth of it; a few values that it encodes differently are
left to the standard library.
"""

import json
import re
from math import isfinite
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_MAYBE_FRACTION = re.compile(r"[:,\[]-?[0-9]+[.eE]")


def canonical(value: Any) -> str:
    """Return `value` as JSON with sorted keys and without spaces. This form is fixed."""
    return _ENCODER.encode(value)


def canonical_of_decoded(value: dict[str, Any]) -> str:
    """Return the same as `canonical`, for a value of `decoded_strictly`: msgspec would write infinity as null."""
    import msgspec

    try:
        text = msgspec.json.encode(value, order="sorted").decode()
    except (msgspec.MsgspecError, ValueError, OverflowError):  # a lone surrogate, or a number beyond 64 bits
        return canonical(value)
    # msgspec writes floats differently: 1e16 for 1e+16.
    return canonical(value) if _MAYBE_FRACTION.search(text) else text


def decoded(text: str) -> Any:
    """Return the same as `json.loads`."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.loads(text)  # it accepts a little more, and callers expect its errors


def decoded_strictly(text: str) -> Any:
    """Decode JSON. Raises ValueError or RecursionError if it is invalid; NaN and numbers beyond a float are invalid."""
    import msgspec

    try:
        return msgspec.json.decode(text)  # it refuses numbers beyond a float itself
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _STRICT.decode(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"{digits[:20]} is beyond a float")
    return number


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)

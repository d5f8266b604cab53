"""Limits on depth and members of JSON, checked on the bytes before decoding."""

import re

from tokendesk.model.bounds import JSON_DEPTH, JSON_MEMBERS

# Each alternative also matches at the end of the body: otherwise an unterminated string takes quadratic time.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_STRUCTURE = b"[]{},"
_OTHERS = bytes(byte for byte in range(256) if byte not in _STRUCTURE)
_UNQUOTED = _OTHERS.replace(b'"', b"")


class JsonTooLarge(ValueError):
    """JSON that is nested too deep or has too many members."""


def check_json(body: bytes) -> None:
    """Raise JsonTooLarge if `body` exceeds the limits."""
    structure = _structure(body)
    if len(structure) > JSON_MEMBERS:
        raise JsonTooLarge(f"it has more than {JSON_MEMBERS:,} members")
    depth = 0
    for byte in structure.translate(None, b","):
        depth += 1 if byte in b"[{" else -1
        if depth > JSON_DEPTH:
            raise JsonTooLarge(f"it is nested more than {JSON_DEPTH} deep")


def _structure(body: bytes) -> bytes:
    """Return the brackets, braces and commas of `body` outside of strings."""
    if b"\\" not in body:
        # Without escapes, a string that contains none of them leaves two quotes in a row. That is quick to check.
        structure = body.translate(None, _UNQUOTED).replace(b'""', b"")
        if b'"' not in structure:
            return structure
    return _TEXT.sub(b"", body).translate(None, _OTHERS)

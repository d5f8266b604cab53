"""Limits on depth and members of JSON, checked on the text before decoding."""

import re
from collections.abc import Iterator

from tokendesk.model.bounds import JSON_DEPTH, JSON_MEMBERS

_PIECE = 1024 * 1024
"""Bytes searched at once: a search is neither interrupted by ctrl+c, nor by another thread."""
_TEXT = re.compile(rb'"[^"]*+(?:"|\Z)')
"""A text of a piece without escapes, also one that does not end in it."""
_STRUCTURE = b"[]{},"
_UNQUOTED = bytes(byte for byte in range(256) if byte not in _STRUCTURE + b'"')


class JsonTooLarge(ValueError):
    """JSON that is nested too deep or has too many members."""


def check_json(body: bytes | bytearray, *, members: int = JSON_MEMBERS, depth: int = JSON_DEPTH) -> None:
    """Raise JsonTooLarge if `body` exceeds the limits. Needs little memory, however large it is."""
    found = level = 0
    for structure in _structure(body):
        found += len(structure)
        if found > members:
            raise JsonTooLarge(f"it has more than {members:,} members")
        for byte in structure.translate(None, b","):
            level += 1 if byte in b"[{" else -1
            if level > depth:
                raise JsonTooLarge(f"it is nested more than {depth} deep")


def _structure(body: bytes | bytearray) -> Iterator[bytes]:
    """Yield the brackets, braces and commas of `body` outside of strings, in pieces."""
    place = 0
    within = b""
    """The quote of a string that the previous piece did not end."""
    while place < len(body):
        end = place + _PIECE
        while body[end - 1 : end] == b"\\":  # an escape is not divided
            end += 1
        plain = body[place:end].replace(b"\\\\", b"").replace(b'\\"', b"")
        quoted = within + plain.translate(None, _UNQUOTED)
        within = b'"' if quoted.count(b'"') % 2 else b""
        # A string that contains no structure leaves two quotes in a row: to remove those first is quick.
        yield _TEXT.sub(b"", quoted.replace(b'""', b""))
        place = end

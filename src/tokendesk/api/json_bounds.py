"""How deep and how large the JSON of an answer is, told from its bytes before anything is made of it."""

import re

from tokendesk.model.bounds import JSON_DEPTH, JSON_MEMBERS

# Each alternative ends at the end of the body as well: else a text without its end would be read again and again.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_STRUCTURE = b"[]{},"
_OTHERS = bytes(byte for byte in range(256) if byte not in _STRUCTURE)


class TooMuch(ValueError):
    """JSON that is deeper or has more members than anything that is read here."""


def check_json(body: bytes) -> None:
    """Raise TooMuch where `body` is not to be decoded."""
    structure = _TEXT.sub(b"", body).translate(None, _OTHERS)
    if len(structure) > JSON_MEMBERS:
        raise TooMuch(f"it has more than {JSON_MEMBERS:,} members")
    depth = 0
    for byte in structure.translate(None, b","):
        depth += 1 if byte in b"[{" else -1
        if depth > JSON_DEPTH:
            raise TooMuch(f"it is nested more than {JSON_DEPTH} deep")

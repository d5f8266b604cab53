"""Redacts keys in large response bodies in pieces: between them it can be stopped, and lets other threads work."""

from tokendesk.model.redaction import REDACTED, redact, shown_length
from tokendesk.stopping import check_stopped

_PIECE = 1024 * 1024
_AROUND = 4 * 1024
"""Bytes on both sides of a cut that are searched before."""
_SHOWN = 256
"""Characters shown for these bytes on each side: more than the shortest run of a key that is redacted, in any form.
Characters without width, and zeros in HTML escapes, can make such a run longer than the bytes."""
_CUTS = 16
"""Places that are tried for one cut."""
_MOST_PLACES = 1_000
"""Places with a run of a key in one body; with more, it is dropped, as in `redact`."""


def redact_large(body: bytes) -> bytes:
    """Return the same as `redact`, except that limits on what has to be searched apply to each piece.

    A body with runs of keys so close to each other that it cannot be cut is dropped, too.
    """
    parts: list[bytes] = []
    places = start = 0
    while start < len(body):
        check_stopped()
        end = _cut(body, start + _PIECE)
        if end is None:
            return REDACTED
        piece = body[start:end]
        part = redact(piece)
        if part is not piece:
            places += part.count(REDACTED) - piece.count(REDACTED)
            if part == REDACTED or places > _MOST_PLACES:
                return REDACTED
        parts.append(part)
        start = end
    return b"".join(parts) if places else body


def _cut(body: bytes, wanted: int) -> int | None:
    """Return the first place from `wanted` on, or the end, that no run of a key goes across; None if it is far."""
    for place in range(wanted, wanted + _CUTS * _AROUND, _AROUND):
        check_stopped()
        if place >= len(body):
            return len(body)
        before, after = body[place - _AROUND : place], body[place : place + _AROUND]
        window = before + after
        is_end = place + _AROUND >= len(body)
        if redact(window) is window and shown_length(before) >= _SHOWN and (is_end or shown_length(after) >= _SHOWN):
            return place
    return None

"""Text that strangers wrote: how it is compared and how it is drawn."""

import re
import unicodedata
from functools import cache

from tokendesk.model.bounds import COMBINING_MARKS

# Control characters (C0, DEL, C1), line and paragraph separators, and the marks that turn the writing
# direction of what follows: drawn raw, they would move the cursor, recolour or reorder the screen.
_UNSAFE = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
# Joiners and variation selectors: terminals disagree on the width of what they make, columns would shift.
_WIDTHLESS = r"[\u200b-\u200d\u2060\ufeff\ufe00-\ufe0f\U000e0000-\U000e01ef]"


_HIDDEN_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""Characters that count as letters and are marks once they are decomposed."""


def few_marks(text: str) -> str:
    """Return `text` with at most COMBINING_MARKS marks on each letter: normalization takes quadratic time over them."""
    if text.isascii() or len(text) <= COMBINING_MARKS:
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) or sign in _HIDDEN_MARKS else 0
        if marks <= COMBINING_MARKS:
            kept.append(sign)
    return "".join(kept)


def fold(text: str) -> str:
    """Return `text` as searches compare it: without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", few_marks(text.casefold()))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@cache
def _strange() -> "tuple[re.Pattern[str], re.Pattern[str]]":
    """Compiled when the first such text comes: that of a start is plain, mostly."""
    return re.compile(_UNSAFE), re.compile(_WIDTHLESS)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def clean(text: str) -> str:
    """Return `text` on one line, safe to draw: what is removed leaves a visible sign (`␛` for ESC)."""
    if text.isascii() and text.isprintable():
        return text
    unsafe, widthless = _strange()
    return unsafe.sub(_picture, widthless.sub("", unicodedata.normalize("NFC", few_marks(text))))

"""Untrusted text: comparison and safe display."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from tokendesk.model.bounds import COMBINING_MARKS

# Control characters (C0, DEL, C1), line and paragraph separators, and bidirectional marks: drawn raw, they move
# the cursor, recolour or reorder the screen. Lone surrogates cannot be encoded at all.
_UNSAFE = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
# Ignorable characters in Unicode: joiners, variation selectors, fillers. Terminals disagree on their width, so
# columns would shift; and they are invisible.
_WIDTHLESS = (
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
UNSAFE_REPLACED = "\ufffd"


_HIDDEN_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""Letters that decompose into marks."""


def limit_marks(text: str) -> str:
    """Return `text` with at most COMBINING_MARKS marks on each letter: normalization is quadratic in them."""
    if text.isascii() or len(text) <= COMBINING_MARKS:
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) or sign in _HIDDEN_MARKS else 0
        if marks <= COMBINING_MARKS:
            kept.append(sign)
    return "".join(kept)


def shorten(text: str, most: int = 60) -> str:
    """Return a text of at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def fold(text: str) -> str:
    """Return `text` as searches compare it: without case and accents, and without NUL, where SQLite's GLOB ends."""
    text = text.replace("\0", " ")
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", limit_marks(text.casefold()))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@cache
def _patterns() -> "tuple[re.Pattern[str], re.Pattern[str]]":
    """Compiled on first use: text at start-up is mostly plain."""
    return re.compile(_UNSAFE), re.compile(_WIDTHLESS)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else UNSAFE_REPLACED


def printable(text: str) -> str:
    """Return `text` on one line, safe to draw: removed characters leave a visible sign (`␛` for ESC)."""
    if text.isascii() and text.isprintable():
        return text
    unsafe, widthless = _patterns()
    return unsafe.sub(_picture, widthless.sub("", unicodedata.normalize("NFC", limit_marks(text))))


def printable_lines(text: str, *, tabs: bool = False) -> str:
    """Return `text` safe to draw, line by line, with any line endings.

    `tabs`: keep them, for tables that are not drawn.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if tabs:
        return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
    return "\n".join(printable(line.replace("\t", "    ")) for line in text.split("\n"))


def is_unsafe(text: str) -> bool:
    """Return whether `text` is unsafe to draw."""
    return not (text.isascii() and text.isprintable()) and _patterns()[0].search(text) is not None


def replace_unsafe(text: str, by: Callable[[str], str]) -> str:
    """Return `text` with unsafe characters replaced."""
    return _patterns()[0].sub(lambda match: by(match.group()), text)


def fit_parts(text: str, width: int, width_of: Callable[[str], int] = len) -> str:
    """Return `text` without as many of its last parts, which ` · ` separates, as `width` has no room for."""
    while width_of(text) > width and " · " in text:
        text = text.rpartition(" · ")[0]
    return text

"""Reads escaped characters in outside text as they would be shown, with their places in the original."""

import re
from bisect import bisect_right
from functools import lru_cache

from tokendesk.model.text import printable

MOST_ESCAPES = 200_000
"""Escaped characters in one text. The largest ordinary response, a page of 1,000 tokens, has far fewer."""
_AROUND = 64
"""Bytes kept before and after an escaped character: more than the shortest run that reveals a key, in any form."""

_BEGINNING_WITH = {
    b"\\": rb'\\(?:["\\/]|u(?:00[2-7][0-9a-f]|00ad|034f|037e|115f|1160|17b[45]|180[b-f]|1fef|200[b-d]|206[0-9a-f]|212a'
    rb"|3164|fe0[0-9a-f]|feff|ffa0|fff[0-9ab]|d82f\\udca[0-3]|d834\\udd7[3-9a]|db4[0-3]\\ud[c-f][0-9a-f]{2}))",
    b"%": rb"%[2-7][0-9a-f]",
    b"&": rb"&(?:#0{0,20}[0-9]{2,7};?|#x0{0,20}[0-9a-f]{2,6};?|[a-z]{2,31};)",
    b"\xc2": rb"\xc2\xad",
    b"\xcd": rb"\xcd[\x8f\xbe]",
    b"\xe1": rb"\xe1(?:\x85[\x9f\xa0]|\x9e[\xb4\xb5]|\xa0[\x8b-\x8f]|\xbf\xaf)",
    b"\xe2": rb"\xe2(?:\x80[\x8b-\x8d]|\x81[\xa0-\xaf]|\x84\xaa)",
    b"\xe3": rb"\xe3\x85\xa4",
    b"\xef": rb"\xef(?:\xb8[\x80-\x8f]|\xbb\xbf|\xbe\xa0|\xbf[\xb0-\xbb])",
    b"\xf0": rb"\xf0(?:\x9b\xb2[\xa0-\xa3]|\x9d\x85[\xb3-\xba])",
    b"\xf3": rb"\xf3\xa0[\x80-\xbf][\x80-\xbf]",
}
"""By its first byte, what may be shown as an ASCII character or not at all: escaped for JSON, a URL or HTML, or not."""


class TooManyEscapes(Exception):
    """A text has more escaped characters than any ordinary response."""


class Unescaped:
    """The parts of a text around escaped characters, as they would be shown. Line feeds separate them."""

    def __init__(self, text: bytes) -> None:
        """Raise TooManyEscapes if there are very many."""
        self._pieces: list[bytes] = []
        self._starts: list[int] = []
        self._ranges: list[tuple[int, int]] = []
        self._size = 0
        self.saved = 0
        """Bytes by which the escaped characters are longer than what is shown for them."""
        pattern = _pattern(tuple(first for first in _BEGINNING_WITH if first in text))
        done: int | None = None
        for count, found in enumerate(pattern.finditer(text) if pattern else ()):
            if count == MOST_ESCAPES:
                raise TooManyEscapes
            shown = _shown(found[0])
            if shown is not None:
                start, end = found.span()
                self._add_between(text, done, start)
                self._add(shown, start, end)
                self.saved += end - start - len(shown)
                done = end
        if done is not None:
            self._add(text[done : done + _AROUND], done, min(len(text), done + _AROUND))
        self.text = b"".join(self._pieces)

    def _add_between(self, text: bytes, done: int | None, end: int) -> None:
        """Add what is near two escaped characters; `done` is None before the first one."""
        start = max(0, end - _AROUND)
        if done is not None:
            if start <= done + _AROUND:
                start = done
            else:
                self._add(text[done : done + _AROUND] + b"\n", done, done + _AROUND + 1)
        self._add(text[start:end], start, end)

    def _add(self, piece: bytes, start: int, end: int) -> None:
        if piece:
            self._pieces.append(piece)
            self._starts.append(self._size)
            self._ranges.append((start, end))
            self._size += len(piece)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the range in the original text for one in `text`."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        beyond = self._starts[last] + len(self._pieces[last]) - end
        return self._ranges[first][0] + start - self._starts[first], self._ranges[last][1] - beyond


@lru_cache(256)
def _pattern(firsts: tuple[bytes, ...]) -> re.Pattern[bytes] | None:
    """Return what matches the characters that begin with these bytes: the fewer bytes, the faster."""
    return re.compile(b"|".join(_BEGINNING_WITH[first] for first in firsts), re.IGNORECASE) if firsts else None


@lru_cache(1024)
def _shown(escaped: bytes) -> bytes | None:
    """Return the ASCII character that would be shown for this, empty for none; None for everything else."""
    shown = printable(_read(escaped.decode()))
    return shown.encode() if shown.isascii() and len(shown) <= 1 else None


def _read(escaped: str) -> str:
    """Return the character that was escaped; more than one if it is none."""
    if escaped.startswith("%"):
        return chr(int(escaped[1:], 16))
    if escaped.startswith("\\"):
        return _from_json(escaped)
    if escaped.startswith("&#"):
        number = escaped[2:].rstrip(";").lower()
        code = int(number[1:], 16) if number.startswith("x") else int(number)
        return chr(code) if code <= 0x10FFFF else escaped
    if escaped.startswith("&"):
        from html.entities import html5  # late: it is large, and names are rare

        return html5.get(escaped[1:]) or html5.get(escaped[1:].lower(), escaped)
    return escaped


def _from_json(escaped: str) -> str:
    if len(escaped) == 2:
        return escaped[1]
    units = escaped.lower().split("\\u")[1:]
    return bytes.fromhex("".join(units)).decode("utf-16-be")

"""Redacts the keys of this process from outside text, in all forms in which they may be echoed."""

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from tokendesk.model.key_forms import (
    FOR_URLS,
    FORMS,
    PLAIN,
    SMALL_FORMS,
    TWICE,
    Form,
    Writing,
    for_url,
    in_json,
    in_page,
)  # fmt: skip
from tokendesk.model.secret import known_keys
from tokendesk.model.unescaping import TooManyEscapes, Unescaped

RUN = 12
"""Consecutive characters of a key that reveal it."""
_SHORTEST = 16
"""A shorter key may be an ordinary word in a response, such as `password`. Atlassian's have about 190 characters."""
_MOST_RUNS, _MOST_LOOKS = 1_000, 10_000
"""No ordinary response contains more runs of a key, or candidates for one: beyond, the whole text is dropped."""
_LAYERS = 3
"""How many times a key may be escaped, each time in any form, also only some of its characters."""
REDACTED = b"[redacted]"
_SHARED = re.compile(rb"AT[A-Z]{3}3xFfG[A-Z]0")
"""The common prefix of Atlassian's keys: it reveals the kind of key, but nothing of the secret."""

_USUAL = rb"[A-Za-z0-9+/=_%&#;\\-]"
_OF_USUAL = re.compile(_USUAL + rb"+")
_ONLY_USUAL = bytes(each if re.match(_USUAL, bytes((each,))) else ord(" ") for each in range(256))
"""Translates all other bytes to blanks."""
_ALIKE = bytes(range(256)).lower().translate(bytes.maketrans(b"-_", b"+/"))
"""Translates to lower case, and the URL-safe alphabet of base64 to the other one."""
_ESCAPING = re.compile(rb"[%&\\\\]")


def redact(text: bytes) -> bytes:
    """Return `text` without any run of characters that reveals a held key."""
    keys = frozenset(key.encode("utf-8", "surrogatepass") for key in known_keys() if len(key) >= _SHORTEST)
    if not keys:
        return text
    runs = _Runs()
    try:
        layers = _layers_of(text)
        for start, end in _found(text, keys):
            runs.add(start, end)
        for depth, layer in enumerate(layers):
            for found in _found(layer.text, keys):
                place = found
                for each in reversed(layers[: depth + 1]):
                    place = each.original(*place)
                runs.add(*place)
    except (_TooMany, TooManyEscapes):
        return REDACTED
    return _without(text, runs)


def _layers_of(text: bytes) -> list[Unescaped]:
    """Return the parts of `text` around escapes, unescaped once, twice and so on; mostly there are none."""
    layers: list[Unescaped] = []
    while len(layers) < _LAYERS and (layer := Unescaped(layers[-1].text if layers else text)).text:
        layers.append(layer)
    return layers


def shown_length(text: bytes) -> int:
    """Return how long `text` is once it is unescaped as often as a key may be. Raises TooManyEscapes."""
    return len(text) - sum(layer.saved for layer in _layers_of(text))


def _found(text: bytes, keys: frozenset[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the range of each run of a key in `text`."""
    usual = _UsualText(text)
    reveals = usual.has_piece_of(keys)
    # In lower case, a key is found even if its case was changed.
    as_it_is = _LookedAt(lambda: text, usual.escaped, reveals)
    small = _LookedAt(text.lower, usual.escaped.lower(), reveals)
    for key in keys:
        for part in _parts_of(key):
            yield from part.find(as_it_is)
        for part in _small_parts_of(key):
            yield from part.find(small)


def redact_text(text: str) -> str:
    before = text.encode("utf-8", "surrogatepass")
    after = redact(before)
    return text if after is before else after.decode("utf-8", "surrogatepass")


class _TooMany(Exception):
    """A text has too many runs of keys."""


class _Runs:
    """The positions of runs of keys in a text: sorted, without overlapping or adjacent ones."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._looks = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=True)

    def look(self) -> None:
        """Count a candidate."""
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise _TooMany

    def end_around(self, start: int, end: int) -> int:
        """Return the end of the run that covers this range; 0 if there is none."""
        place = bisect_right(self.starts, start) - 1
        return self.ends[place] if place >= 0 and self.ends[place] >= end else 0

    def add(self, start: int, end: int) -> None:
        first = bisect_right(self.starts, start)
        if first and self.ends[first - 1] >= start:
            first -= 1
        after = bisect_right(self.starts, end)
        if first < after:
            start, end = min(start, self.starts[first]), max(end, self.ends[after - 1])
        self.starts[first:after], self.ends[first:after] = [start], [end]
        if len(self.starts) > _MOST_RUNS:
            raise _TooMany


def _without(text: bytes, runs: _Runs) -> bytes:
    if not runs.starts:
        return text
    kept, done = [], 0
    for start, end in runs:
        kept += [text[done : _escape_around(text, start)[0]], REDACTED]
        done = _escape_around(text, end)[1]
    return b"".join([*kept, text[done:]])


_JSON_ESCAPE = re.compile(rb'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])')


def _escape_around(text: bytes, place: int) -> tuple[int, int]:
    """Return the range of the JSON escape that contains `place`: half of one would make the response invalid."""
    for start in range(max(0, place - 5), place):
        escape = _JSON_ESCAPE.match(text, start)
        if escape and escape.end() > place and _backslashes_before(text, start) % 2 == 0:
            return start, escape.end()
    return place, place


def _backslashes_before(text: bytes, place: int) -> int:
    start = place
    while text[start - 1 : start] == b"\\":
        start -= 1
    return place - start


class _UsualText:
    """The parts of a text that may contain a key of usual characters, which nearly all texts do not."""

    def __init__(self, text: bytes) -> None:
        # Names of members come many times.
        runs = {run for run in text.translate(_ONLY_USUAL).split() if len(run) >= RUN}
        self._text = b"\n".join((*runs, b""))  # the pattern below takes one character more than a piece has
        self.escaped = b"\n".join(filter(_ESCAPING.search, runs)) if _ESCAPING.search(self._text) else b""
        """Those with a character that begins an escape."""

    def has_piece_of(self, keys: frozenset[bytes]) -> bool:
        """Whether any key may be in it, not escaped as a whole: all keys are looked for at once."""
        pieces = _pieces_of(keys)
        text, escaped = self._text.translate(_ALIKE), self.escaped.translate(_ALIKE)
        for size, those in pieces.items():
            # A run of 2 * size - 1 characters, and more so of 2 * size, contains one of these in full.
            if not those.isdisjoint(re.findall(rb"(?s)(.{%d}).{%d}" % (size, size == RUN // 2), text)):
                return True
            if not those.isdisjoint(escaped[at : at + size] for at in range(len(escaped) - size + 1)):
                return True
        return False


@lru_cache(64)
def _pieces_of(keys: frozenset[bytes]) -> dict[int, frozenset[bytes]]:
    """Return all pieces of what must be redacted, by their size: one is in each run that reveals a key."""
    found: dict[int, set[bytes]] = {RUN // 2: set(), RUN: set()}
    for key in keys:
        for part in (*_parts_of(key), *_small_parts_of(key)):
            if part.is_common:
                size, text = RUN if part.least >= 2 * RUN - 1 else RUN // 2, part.plain.translate(_ALIKE)
                found[size].update(text[at : at + size] for at in range(len(text) - size + 1))
    return {size: frozenset(pieces) for size, pieces in found.items()}


class _LookedAt:
    """A text to search, and facts about it that are computed once for all keys."""

    def __init__(self, make: Callable[[], bytes], escaped: bytes, reveals: bool) -> None:
        """`make`: returns the text to search completely; `escaped`, `reveals`: as in `_UsualText`."""
        self._make = make
        self.escaped, self.reveals = escaped, reveals
        self._signs: dict[re.Pattern[bytes], bool] = {}

    @cached_property
    def text(self) -> bytes:
        return self._make()

    def has(self, sign: re.Pattern[bytes]) -> bool:
        if sign not in self._signs:
            # All matches start with the pattern's first character: usually the text does not contain it.
            first = sign.pattern.lstrip(b"(?:")[:1]
            self._signs[sign] = first in self.text and sign.search(self.text) is not None
        return self._signs[sign]


_Block = tuple[bytes, Sequence[int]]
"""A written piece of a secret, and the places where the secret has it."""


class _Part:
    """A text that must be redacted, and the length from which a run of it is too long.

    A run of `least` characters contains at least one complete block of those that start at every `step`-th character.
    So the search is for blocks, at the speed of memory; only around a found block the run is measured.
    """

    def __init__(self, secret: str, least: int, forms: Sequence[Form]) -> None:
        self.least = min(least, len(secret))
        self._size = (self.least + 1) // 2
        self._written = [
            sorted({form.write(char).encode("latin-1") for form in forms}, key=len, reverse=True) for char in secret
        ]
        self.is_common = self.least >= RUN and all(_OF_USUAL.fullmatch(b"".join(chars)) for chars in self._written)
        """Whether it consists of usual characters in all forms."""
        self.plain = secret.encode("latin-1")
        step = self.least - self._size + 1
        places: dict[str, list[int]] = {}
        for place in range(len(secret) - self._size + 1):
            places.setdefault(secret[place : place + self._size], []).append(place)
        found: dict[bytes, tuple[re.Pattern[bytes] | None, list[int]]] = {}
        for place in range(0, len(secret) - self._size + 1, step):
            block = secret[place : place + self._size]
            for form in forms:
                # Skip forms that write the same as an earlier one.
                found.setdefault("".join(map(form.write, block)).encode("latin-1"), (form.sign, places[block]))
        self._blocks: dict[re.Pattern[bytes] | None, list[_Block]] = {}
        for written, (sign, where) in found.items():
            self._blocks.setdefault(sign, []).append((written, where))
        # Escaped forms first: a plain block may match without its escape character.
        self._blocks[None] = self._blocks.pop(None)

    def find(self, looked_at: _LookedAt) -> _Runs:
        """Return its position in a text."""
        runs = _Runs()
        for sign, blocks in self._blocks.items():
            if not self._may_match(sign, blocks, looked_at):
                continue
            for written, places in blocks:
                self._find_block(looked_at.text, written, places, runs)
        return runs

    def _may_match(self, sign: re.Pattern[bytes] | None, blocks: Iterable[_Block], looked_at: _LookedAt) -> bool:
        if sign is None:
            return looked_at.reveals or not self.is_common
        if not looked_at.has(sign):
            return False
        return not self.is_common or any(written in looked_at.escaped for written, _ in blocks)

    def _find_block(self, text: bytes, written: bytes, places: Sequence[int], runs: _Runs) -> None:
        at = text.find(written)
        while at >= 0:
            self._look(text, at, written, places, runs)
            # A run of many blocks is measured once: skip blocks that are completely within it.
            at = text.find(written, max(at + 1, runs.end_around(at, at + len(written)) - len(written) + 1))

    def _look(self, text: bytes, at: int, written: bytes, places: Sequence[int], runs: _Runs) -> None:
        """Add the run of the secret around a block, if there is one."""
        if runs.end_around(at, at + len(written)):
            return
        for place in places:
            runs.look()
            if run := self._around(text, at, at + len(written), place):
                runs.add(*run)

    def _around(self, text: bytes, start: int, end: int, place: int) -> tuple[int, int] | None:
        """Return the run around a block; None if it is too short to reveal the secret."""
        count = self._size
        before, after = self.plain[:place], self.plain[place + self._size :]
        if text.endswith(before, 0, start):
            start -= len(before)
            count += len(before)
        else:
            for chars in reversed(self._written[:place]):
                written = next((one for one in chars if text.endswith(one, 0, start)), None)
                if written is None:
                    break
                start -= len(written)
                count += 1
        if text.startswith(after, end):
            end += len(after)
            count += len(after)
        else:
            for chars in self._written[place + self._size :]:
                written = next((one for one in chars if text.startswith(one, end)), None)
                if written is None:
                    break
                end += len(written)
                count += 1
        return (start, end) if count >= self.least else None


@lru_cache(64)
def _parts_of(key: bytes) -> tuple[_Part, ...]:
    """Return the texts to redact for a key: itself, and its base64 forms at each offset."""
    secret = _secret_of(key)
    plain = secret.decode("latin-1")
    found = [_Part(plain, RUN, (*FORMS, *TWICE))]
    for each in (
        secret,
        *(_around_changes(plain, write).encode("latin-1") for write in (for_url, in_json, in_page)),
    ):
        for before in range(3 if each else 0):
            text = base64.b64encode(b"\0" * before + each).decode()
            # The characters at both ends also depend on the adjacent text.
            whole = text[(8 * before + 5) // 6 : 8 * (before + len(each)) // 6]
            found.append(_Part(whole, RUN * 8 // 6 - 1, (*FORMS, FOR_URLS)))
    return tuple(found)


def _around_changes(text: str, write: Writing) -> str:
    """Return the part of an escaped text that the same text without escapes does not cover; "" if there is none."""
    changed = [place for place, char in enumerate(text) if write(char) != char]
    return write(text[max(0, changed[0] - RUN + 1) : changed[-1] + RUN]) if changed else ""


@lru_cache(64)
def _small_parts_of(key: bytes) -> tuple[_Part, ...]:
    """Return the texts to redact for a key in lower case: itself, reversed, and in hex."""
    secret = _secret_of(key)
    small = secret.lower().decode("latin-1")
    found = [_Part(small, RUN, SMALL_FORMS), _Part(small[::-1], RUN, (PLAIN,))]
    return (*found, _Part(secret.hex(), 2 * RUN - 1, (PLAIN,)))


def _secret_of(key: bytes) -> bytes:
    shared = _SHARED.match(key)
    return key[shared.end() :] if shared and len(key) - shared.end() >= _SHORTEST else key

"""Repeatable randomness: a record is computed on request, always with the same result."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_HALF = 61
_HALF_MASK = (1 << _HALF) - 1
_PAYLOAD_BITS = 96
_ROUNDS = 4


class SeededRandom:
    """The sequence of random choices for one record: the same name gives the same sequence."""

    __slots__ = ("_left", "_name", "_refills")

    def __init__(self, *name: object) -> None:
        self._name = "/".join(map(str, name)).encode()
        self._refills = 0
        self._left = int.from_bytes(blake2b(self._name).digest())

    def randrange(self, n: int) -> int:
        if self._left < n << 32:
            self._refills += 1
            self._left = int.from_bytes(blake2b(self._name, salt=self._refills.to_bytes(4)).digest())
        self._left, value = divmod(self._left, n)
        return value

    def randint(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, inclusive."""
        return low + self.randrange(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.randrange(100) < percent

    def choice(self, choices: Sequence[T]) -> T:
        return choices[self.randrange(len(choices))]


class Permutation:
    """A permutation of range(n) that needs no table."""

    def __init__(self, n: int, *name: object) -> None:
        self.n = n
        bits = max(1, (n - 1).bit_length())
        self._mask = (1 << bits) - 1
        # Shifting by half the width or more makes x ^ (x >> shift) its own inverse.
        self._shift = (bits + 1) // 2
        rng = SeededRandom("shuffle", *name)
        self._rounds = [(rng.randrange(1 << 30) * 2 + 1, rng.randrange(1 << 30)) for _ in range(3)]
        self._inverse = [(pow(a, -1, self._mask + 1), b) for a, b in reversed(self._rounds)]

    def __call__(self, i: int) -> int:
        while True:
            for a, b in self._rounds:
                i = (i * a + b) & self._mask
                i ^= i >> self._shift
            if i < self.n:
                return i

    def inverse(self, i: int) -> int:
        while True:
            for a, b in self._inverse:
                i ^= i >> self._shift
                i = ((i - b) * a) & self._mask
            if i < self.n:
                return i


class Ids:
    """Random-looking ids that encode a number, so that finding a record needs no table of ids."""

    def __init__(self, *name: object) -> None:
        self._key = blake2b("/".join(map(str, name)).encode(), digest_size=32).digest()

    def _mix(self, half: int, step: int) -> int:
        digest = blake2b(half.to_bytes(8), digest_size=8, key=self._key, salt=bytes((step,))).digest()
        return int.from_bytes(digest) & _HALF_MASK

    def _number(self, payload: int) -> int:
        if payload >> _PAYLOAD_BITS:
            raise ValueError("too large to be hidden in an id")
        left, right = payload >> _HALF, payload & _HALF_MASK
        for step in range(_ROUNDS):
            left, right = right, left ^ self._mix(right, step)
        value = left << _HALF | right
        # Insert the six fixed bits of a random UUID (RFC 9562, version 4).
        return (value >> 74) << 80 | 0x4 << 76 | (value >> 62 & 0xFFF) << 64 | 0b10 << 62 | value & (1 << 62) - 1

    def hex(self, payload: int) -> str:
        return f"{self._number(payload):032x}"

    def uuid(self, payload: int) -> str:
        h = self.hex(payload)
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def payload(self, text: str) -> int | None:
        """Return the number encoded in an id of this kind; None for other text."""
        digits = text.replace("-", "")
        if len(digits) != 32:
            return None
        try:
            number = int(digits, 16)
        except ValueError:
            return None
        value = (number >> 80) << 74 | (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1
        left, right = value >> _HALF, value & _HALF_MASK
        for step in reversed(range(_ROUNDS)):
            left, right = right ^ self._mix(left, step), left
        payload = left << _HALF | right
        if payload >> _PAYLOAD_BITS or text not in (self.hex(payload), self.uuid(payload)):
            return None
        return payload

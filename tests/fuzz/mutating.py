"""Mutates valid input."""

import json
import random
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    2**64,
    -(2**63),
    10**400,
    1e308,
    0.1,
    "",
    " ",
    "\0",
    "\ud800",
    "\x1b[2J",
    "[b]",
    "x" * 5_000,
    "9" * 5_000,
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59Z",
    "2026-13-45",
    "e" + "\u0301" * 200,
    "../..",
    "=1+1",
    "\u202eabc",
    [],
    {},
    [[]],
    [{}],
    {"": {}},
    ["a", 1, None],
)
_PIECES = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"'",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\\",
    b"\\ud800",
    b"=",
    b"#",
    b"9" * 4_400,
    b"[" * 2_000,
    b"1e999",
    b"-0",
    b"NaN",
    b"null",
    b"\x1b]2;x\x07",
    "\u0301".encode() * 500,
)


def mutated_bytes(data: bytes, dice: random.Random) -> bytes:
    """Return `data` with up to four changes: bytes cut out, repeated, replaced, put in."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randint(0, len(data))
        end = min(len(data), start + dice.choice((0, 1, 2, 8, 100)))
        part = dice.choice((b"", data[start:end] * dice.randint(2, 5), dice.choice(_PIECES), dice.randbytes(2)))
        data = data[:start] + part + data[end:]
    return data


def mutated_value(value: Any, dice: random.Random) -> Any:
    """Return a JSON value with something odd in one place of it."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        name = dice.choice(sorted(value))
        changed = dict(value)
        deed = dice.random()
        if deed < 0.1:
            del changed[name]
        elif deed < 0.2:
            changed[dice.choice(("extra", "id", "\ud800", ""))] = dice.choice(ODD)
        else:
            changed[name] = mutated_value(value[name], dice)
        return changed
    if isinstance(value, list) and value and dice.random() < 0.9:
        at = dice.randrange(len(value))
        return [*value[:at], mutated_value(value[at], dice), *value[at + dice.randint(0, 1) :]]
    return dice.choice(ODD)


def mutated_json(value: Any, dice: random.Random, dump: Callable[[Any], str] = json.dumps) -> bytes:
    for _ in range(dice.randint(1, 3)):
        value = mutated_value(value, dice)
    data = dump(value).encode("utf-8", "surrogatepass")
    return mutated_bytes(data, dice) if dice.random() < 0.2 else data

"""Filters for every field of a pane, from the values in its records, with their meaning in plain Python."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import ge, gt, le, lt

from tests.practice import NOW

DAY = 86_400
PRESENT = NOW.timestamp()

Value = str | int | None
Record = Mapping[str, tuple[Value, ...]]
"""The values of each field: one, or None where it has none; any number where a record has several."""
Holds = Callable[[Record], bool]
Ask = tuple[str, Holds]
COMPARE: dict[str, Callable[[float | str, float | str], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}

_NOTE = {
    "purpose": "text", "contact": "text", "remarks": "text", "note": "text", "decision": "choice", "target": "text",
    "review": "day", "asked": "past", "reply": "day", "answer": "text", "replaces": "choice", "noted": "past",
    "noted.by": "text", "tag": "choice",
}  # fmt: skip
_OWNER = {
    "policy": "text", "policy.id": "choice", "policy.tokens": "choice", "title": "text", "department": "text",
}  # fmt: skip
FIELDS: dict[str, dict[str, str]] = {
    "tokens": {
        "label": "text", "owner": "text", "email": "text", "status": "choice", "used": "past", "idle": "past",
        "created": "past", "expires": "future", "scope": "text", "reach": "choice", "power": "choice",
        "stops": "choice", **_OWNER, "owner.status": "choice",
        "owner.active": "past", "owner.tokens": "number", "owner.id": "choice", "quarantine": "day", "id": "choice",
        "owner.role": "choice", "owner.access": "choice", "rhythm": "choice", "activity": "past", "ip": "text",
        "product": "choice", "renewal": "choice", **_NOTE,
    },
    "users": {
        "name": "text", "email": "text", "status": "choice", "tokens": "number", "active": "past", "used": "past",
        **_OWNER, "token.label": "text", "token.idle": "past", "token.used": "past", "token.created": "past",
        "token.expires": "future", "token.status": "choice", "reach": "choice", "power": "choice", "id": "choice",
        "role": "choice", "access": "choice", **_NOTE,
    },
    "policies": {
        "name": "text", "id": "choice", "users": "number", "tokens": "number", "allowed": "number",
        "blocked": "number", "used": "past", "contradicting": "number", "setting": "choice", "remarks": "text",
        "reach": "choice", "power": "choice",
    },
    "changes": {
        "kind": "choice", "at": "past", "label": "text", "owner": "text", "email": "text", "before": "text",
        "after": "text", "id": "choice", "renewal": "choice", **_NOTE,
    },
    "journal": {
        "kind": "choice", "when": "past", "by": "text", "state": "choice", "policy": "text", "good": "number",
        "bad": "number", "unsure": "number", "differs": "number", "user": "text", "email": "text", "label": "text",
        "outcome": "choice",
        "record": "choice", "quarantine": "day", "id": "choice", "undoes": "choice",
    },
    "credentials": {
        "name": "text", "kind": "choice", "whose": "text", "account": "text", "account.id": "choice", "email": "text",
        "description": "text", "maker": "text", "maker.email": "text", "maker.status": "choice", "maker.id": "choice",
        "account.maker.status": "choice",
        "status": "choice", "used": "past", "idle": "past", "created": "past", "ends": "future", "scope": "text",
        "reach": "choice", "power": "choice", "tokens": "number", "clients": "number", "id": "choice",
        "record": "choice", "renewal": "choice", **_NOTE,
    },
}  # fmt: skip


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def asks(pane: str, records: Sequence[Record]) -> list[Ask]:
    """Return filters on each field of `pane` and on its flags, alone and two together."""
    single = [*_flags(pane)]
    for name, kind in FIELDS[pane].items():
        single += _presence(name, kind)
        values = [value for record in records for value in record[name] if value not in (None, "")]
        if values:
            single += _KINDS[kind](name, values)
    return single + [_two(place, single) for place in range(len(single))]


def _two(place: int, single: Sequence[Ask]) -> Ask:
    one, holds_one = single[place]
    other, holds_other = single[(place * 7 + 3) % len(single)]
    match place % 5:
        case 0:
            return f"{one} or {other}", lambda r: holds_one(r) or holds_other(r)
        case 1:
            return f"{one} {other}", lambda r: holds_one(r) and holds_other(r)
        case 2:
            return f"-({one} or {other})", lambda r: not (holds_one(r) or holds_other(r))
        case 3:
            return f"({one}) -({other})", lambda r: holds_one(r) and not holds_other(r)
    return f"not ({one} {other})", lambda r: not (holds_one(r) and holds_other(r))


def _some(name: str, test: Callable[[Value], bool]) -> Holds:
    return lambda record: any(value not in (None, "") and test(value) for value in record[name])


def _compared(sign: str, limit: float | str, measure: Callable[[Value], float | str]) -> Callable[[Value], bool]:
    return lambda value: COMPARE[sign](measure(value), limit)


def _both(text: str, holds: Holds) -> list[Ask]:
    return [(text, holds), (f"-{text}", lambda record: not holds(record))]


def _presence(name: str, kind: str) -> Iterator[Ask]:
    there = _some(name, lambda value: (name, value) != ("decision", "undecided"))
    if kind in ("past", "future"):
        yield f"{name}:never", lambda record: None in record[name]
    else:
        yield f"{name}:none", lambda record: not there(record)
    yield f"{name}:any", there
    if name not in ("decision", "note"):
        yield f"-has:{name}", lambda record: not there(record)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _texts(name: str, values: Sequence[Value]) -> Iterator[Ask]:
    texts = [str(value) for value in values]
    words = Counter(word for text in texts for word in set(re.findall(r"[a-z0-9]{2,}", plain(text))))
    rarer = [word for word, count in words.most_common() if count < len(texts)] or list(words)
    first, second = rarer[0], rarer[len(rarer) // 2]
    whole = Counter(texts).most_common()[-1][0]
    yield from _both(f"{name}:{first}", _some(name, lambda value: first in plain(str(value))))
    yield f"{name}:{first},{second}", _some(name, lambda v: first in plain(str(v)) or second in plain(str(v)))
    yield f"{name}:={_quoted(whole.upper())}", _some(name, lambda value: plain(str(value)) == plain(whole.upper()))


def _choices(name: str, values: Sequence[Value]) -> Iterator[Ask]:
    common = [str(value) for value, _ in Counter(values).most_common()]
    first, last = common[0], common[-1]
    yield from _both(f"{name}:{_quoted(first.upper())}", _some(name, lambda value: plain(str(value)) == plain(first)))
    yield f"{name}:{_quoted(first)},{_quoted(last)}", _some(name, lambda value: value in (first, last))


def _numbers(name: str, values: Sequence[Value]) -> Iterator[Ask]:
    numbers = sorted({int(value) for value in values if value is not None})
    middle, high = numbers[len(numbers) // 2], numbers[-1]
    for sign in ("<", "<=", ">", ">="):
        yield from _both(f"{name}:{sign}{middle}", _some(name, _compared(sign, middle, lambda value: int(value or 0))))
    yield f"{name}:{middle}", _some(name, lambda value: value == middle)
    yield f"{name}:{middle}..{high}", _some(name, lambda value: middle <= int(value or 0) <= high)


def _begins(iso: Callable[[Value], str], length: int, value: Value) -> str:
    return iso(value)[:length]


def _dates(name: str, iso: Callable[[Value], str], middle: str, high: str) -> Iterator[Ask]:
    for date in (middle[:7], middle):
        for sign in ("<", "<=", ">", ">="):
            begins = partial(_begins, iso, len(date))
            yield f"{name}:{sign}{date}", _some(name, _compared(sign, date, begins))
    yield from _both(f"{name}:{middle[:7]}", _some(name, lambda value: iso(value)[:7] == middle[:7]))
    yield f"{name}:{middle}..{high}", _some(name, lambda value: middle <= iso(value) <= high)


def _moments(name: str, values: Sequence[Value], sense: int) -> Iterator[Ask]:
    def days(value: Value) -> float:
        return sense * (int(value or 0) - PRESENT) / DAY

    def from_now(value: Value) -> float:
        """What has been is not soon."""
        return days(value) if days(value) >= 0 else float("inf")

    def iso(value: Value) -> str:
        return datetime.fromtimestamp(int(value or 0), UTC).date().isoformat()

    moments = sorted(int(value) for value in values if value is not None)
    middle, high = moments[len(moments) // 2], moments[len(moments) * 4 // 5]
    near = max(1, round(days(middle)))
    far = near + 60
    for sign in ("<", "<=", ">", ">="):
        measure = from_now if sense > 0 and sign[0] == "<" else days
        yield from _both(f"{name}:{sign}{near}d", _some(name, _compared(sign, near, measure)))
    yield f"{name}:{near}d..{far}d", _some(name, lambda value: near <= days(value) <= far)
    yield from _dates(name, iso, iso(middle), iso(high))


def _days(name: str, values: Sequence[Value]) -> Iterator[Ask]:
    days = sorted(str(value) for value in values)
    today, soon = NOW.date().isoformat(), (NOW + timedelta(days=20)).date().isoformat()
    yield f"{name}:<20d", _some(name, lambda value: today <= str(value) < soon)
    yield f"{name}:>20d", _some(name, lambda value: str(value) > soon)
    yield from _both(f"{name}:<=today", _some(name, lambda value: str(value) <= today))
    yield from _dates(name, str, days[len(days) // 2], days[-1])


_KINDS: dict[str, Callable[[str, Sequence[Value]], Iterator[Ask]]] = {
    "text": _texts,
    "choice": _choices,
    "number": _numbers,
    "past": lambda name, values: _moments(name, values, -1),
    "future": lambda name, values: _moments(name, values, 1),
    "day": _days,
}


def _is(record: Record, name: str, *wanted: Value) -> bool:
    return any(value in wanted for value in record[name])


def _over(record: Record, name: str, low: int) -> bool:
    return any(int(value or 0) > low for value in record[name])


def _ago(record: Record, name: str) -> float:
    value = record[name][0]
    return float("nan") if value is None else (PRESENT - int(value)) / DAY


def _left(record: Record, name: str = "expires") -> float:
    return -_ago(record, name)


def _due(record: Record, name: str, *, today: bool) -> bool:
    value, now = record[name][0], NOW.date().isoformat()
    return bool(value) and (str(value) < now or (today and value == now))


_INACTIVE = ("deactivated", "closed", "suspended", "for_deletion")
_NOTE_FLAGS: dict[str, Holds] = {
    "untagged": lambda r: not r["tag"],
    "decided": lambda r: not _is(r, "decision", "undecided"),
    "undecided": lambda r: _is(r, "decision", "undecided"),
    "waiting": lambda r: not _is(r, "asked", None) and _is(r, "answer", None),
}
_FINDINGS: dict[str, Holds] = {
    "review-due": lambda r: _due(r, "review", today=True),
    "answer-overdue": lambda r: _due(r, "reply", today=False) and _is(r, "answer", None),
}
_RENEWAL: dict[str, Holds] = {"renewal": lambda r: not _is(r, "renewal", None)}
FLAGS: dict[str, dict[str, Holds]] = {
    "tokens": {
        **_RENEWAL,
        "expiring-in-use": lambda r: 0 <= _left(r) < 30 and _ago(r, "used") < 30,
        "quarantine-due": lambda r: False,
        "owner-inactive": lambda r: _is(r, "owner.status", *_INACTIVE),
        "owner-unknown": lambda r: _is(r, "owner.status", None),
        "in-use": lambda r: _ago(r, "used") < 30,
        "expiring": lambda r: 0 <= _left(r) < 30,
        "ends-unused": lambda r: 0 <= _left(r) < 30 and _ago(r, "used") > 90,
        "stale": lambda r: _ago(r, "used") > 365,
        "idle": lambda r: _ago(r, "used") > 90,
        "never-used": lambda r: _is(r, "used", None) and _ago(r, "created") > 30,
        "expired": lambda r: _left(r) <= 0,
        "no-expiry": lambda r: _is(r, "expires", None),
        "blocked": lambda r: _is(r, "status", "BLOCKED"),
        "no-purpose": lambda r: _is(r, "purpose", None),
        "unscoped": lambda r: not r["scope"],
        "revoked": lambda r: _is(r, "status", "REVOKED"),
        "idle-write": lambda r: _ago(r, "used") > 90 and _is(r, "power", "write", "delete", "admin"),
        **_FINDINGS,
        **_NOTE_FLAGS,
    },
    "users": {
        "inactive-with-tokens": lambda r: _is(r, "status", *_INACTIVE) and _over(r, "tokens", 0),
        "many-tokens": lambda r: _over(r, "tokens", 4),
        "admin": lambda r: _is(r, "_admin", True),
        **_FINDINGS,
        **_NOTE_FLAGS,
    },
    "policies": {
        "contradicted": lambda r: _over(r, "contradicting", 0),
        "unnamed": lambda r: _is(r, "name", None),
        "token-setting-unknown": lambda r: _is(r, "setting", None),
        "mixed-status": lambda r: _over(r, "blocked", 0) and _over(r, "allowed", 0),
    },
    "changes": {
        "token": lambda r: _is(r, "_subject", "token"),
        "user": lambda r: _is(r, "_subject", "user"),
        "credential": lambda r: _is(r, "_subject", "credential"),
        **_RENEWAL,
        **_NOTE_FLAGS,
    },
    "journal": {
        "unfinished": lambda r: _is(r, "state", "unfinished"),
        "quarantine-due": lambda r: _due(r, "quarantine", today=True),
        "quarantined": lambda r: not _is(r, "quarantine", None),
        "not-done": lambda r: _over(r, "bad", 0),
        "outcome-unknown": lambda r: _over(r, "unsure", 0),
        "differs": lambda r: _over(r, "differs", 0),
        "ours": lambda r: _is(r, "_ours", True),
        "undone": lambda r: _is(r, "_undone", True),
    },
    "credentials": {
        "expiring-in-use": lambda r: 0 <= _left(r, "ends") < 30 and _ago(r, "used") < 30,
        "maker-inactive": lambda r: _is(r, "maker.status", *_INACTIVE) or _is(r, "account.maker.status", *_INACTIVE),
        "maker-unknown": lambda r: not _is(r, "maker.id", None) and _is(r, "maker.status", None),
        "made-by-stranger": lambda r: not _is(r, "maker.id", None) and _is(r, "maker.status", None),
        "expiring": lambda r: 0 <= _left(r, "ends") < 30,
        "idle": lambda r: _ago(r, "used") > 90,
        "unused": lambda r: _is(r, "used", None) and _is(r, "_tells_use", True),
        "never-used": lambda r: _is(r, "used", None) and _is(r, "_tells_use", True) and _ago(r, "created") > 30,
        "expired": lambda r: _left(r, "ends") <= 0,
        "endless": lambda r: _is(r, "ends", None) and _is(r, "_tells_end", True),
        "no-expiry": lambda r: _is(r, "ends", None) and _is(r, "_tells_end", True),
        "may-administer": lambda r: _is(r, "power", "admin"),
        "no-purpose": lambda r: _is(r, "purpose", None),
        "revoked": lambda r: _is(r, "status", "REVOKED"),
        **_RENEWAL,
        **_FINDINGS,
        **_NOTE_FLAGS,
    },
}


def _flags(pane: str) -> Iterator[Ask]:
    for name, holds in FLAGS[pane].items():
        yield from _both(f"is:{name}", holds)
    if "note" in FIELDS[pane]:
        yield from _both("has:note", lambda record: _is(record, "_note", True))
        yield from _both("has:decision", lambda record: not _is(record, "decision", "undecided"))

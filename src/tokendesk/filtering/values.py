"""Durations, dates, ranges and comparisons: how they are parsed, and what they mean.

| kind   | value      | `<`                      | `>`                       | `:` and `=`           |
|--------|------------|--------------------------|---------------------------|-----------------------|
| NUMBER | 3          | less                     | more                      | equal                 |
| PAST   | 90d        | younger: within 90 d *   | older: more than 90 d ago | refused, see below    |
| PAST   | 2024-05    | before that month        | after that month          | in that month         |
| FUTURE | 30d        | from now on, within 30 d | later than in 30 d        | refused               |
| FUTURE | 2024-05    | before it, past included | after it                  | in it                 |
| DAY    | 30d        | today or later, before the day in 30 d | after the day in 30 d | refused     |
| DAY    | 2024-05    | before it                | after it                  | in it                 |

`<=` and `>=` include the value itself. A range includes both ends; `..30d` of a FUTURE begins now. A date is
the whole UTC day, month or year that is written. A duration without `<` or `>` is refused, since "90 days" is
nearly always meant as "at least" by one and "at most" by another. Nothing compares with a missing value.
(*) What is more than a day in the future is no past: it is neither younger nor older than any age.
"""

import re
from datetime import date
from functools import lru_cache

from tokendesk.filtering.errors import FilterError, MissingValue, shorten
from tokendesk.filtering.fields import Field, Kind
from tokendesk.filtering.lex import Piece
from tokendesk.filtering.tree import Absent, Date, Duration, Number, Pattern, Present, Range, Text, Value
from tokendesk.filtering.wildcards import MAX_CHARACTERS, WILDCARD
from tokendesk.model.timestamps import AHEAD

Bound = tuple[str, int | float | str]
"""A comparison operator of SQL and what to compare with."""

ABSENT = ("none", "never")
PRESENT = "any"
DAY = 86_400
_UNITS = {"h": 3_600, "d": DAY, "w": 7 * DAY, "mo": 30 * DAY, "y": 365 * DAY}
_LONGEST = 1_000 * _UNITS["y"]

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?\Z")
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:mo|[hdwy]))+\Z")
_STEP = re.compile(r"([0-9]+)(mo|[hdwy])")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")
_AMOUNT = re.compile(r"([0-9]{1,9})\s*([a-z]*)\Z")
_EPOCH = date(1970, 1, 1).toordinal()
_MOMENTS = (Kind.PAST, Kind.FUTURE, Kind.DAY)


def parse_value(field: Field, op: str, piece: Piece) -> Value:
    """Return what `piece` means as a value of `field`. Raises FilterError."""
    words = field.kind in (Kind.TEXT, Kind.CHOICE)
    text = piece.text if words else piece.text.strip().lower()
    if not text:
        raise _missing_value(field, piece)
    if not (words and piece.quoted):
        lowered = text.lower()
        if lowered in ABSENT:
            return Absent(lowered)
        if lowered == PRESENT or not lowered.strip(WILDCARD):
            return Present(lowered)
        if text[0] in "<>=" and field.kind is not Kind.FLAG:
            raise FilterError(f"a list of values takes one comparison: {field.name}:=a,b", piece.start, piece.end)
    if words and WILDCARD in text and not piece.quoted:
        check_pattern(text, piece.start, piece.end)
        return Pattern(text)
    if words:
        return Text(text)
    if ".." in text:
        return _range(field, op, text, piece)
    value = _scalar(field, text, piece)
    if isinstance(value, Duration) and op in (":", "="):
        soon = "within" if field.kind is not Kind.PAST else "in the last"
        raise FilterError(
            f"{field.name}:{text} needs a direction: {field.name}:..{text} is {soon} {text}, "
            f"{field.name}:{text}.. is {'later' if field.kind is not Kind.PAST else 'longer ago'}",
            piece.start,
            piece.end,
            f"{text}.." if field.kind is Kind.PAST else f"..{text}",
        )
    return value


def check_pattern(text: str, start: int, end: int) -> None:
    """Raises FilterError."""
    if len(text) > MAX_CHARACTERS:
        raise FilterError(
            f"a word with {WILDCARD} may have at most {MAX_CHARACTERS:,} characters, this has {len(text):,}", start, end
        )


def bounds(kind: Kind, op: str, value: Value, now: int) -> tuple[Bound, ...]:
    """Return the comparisons that all hold where a value of `kind` compares so; see the table above."""
    if isinstance(value, Range):
        low = bounds(kind, ">=", value.low, now) if value.low else ()
        high = bounds(kind, "<=", value.high, now) if value.high else ()
        if kind is Kind.PAST and isinstance(value.low or value.high, Duration):
            return (high[0], *low) if low and high else low or high
        # "7d..30d" begins in 7 days, not now.
        return (*low, high[-1]) if low and high else low or high
    if isinstance(value, Number):
        number = float(value.text) if "." in value.text else int(value.text)
        return (("=" if op == ":" else op, number),)
    if isinstance(value, Duration):
        return _duration_bounds(kind, op, seconds(value.text), now)
    first, last = days(value.text, now)
    if kind is Kind.DAY:
        return _span_bounds(op, _iso(first), _iso(last), "<=", ">")
    return _span_bounds(op, first * DAY, (last + 1) * DAY, "<", ">=")


def _span_bounds(op: str, first: int | str, last: int | str, inside: str, after: str) -> tuple[Bound, ...]:
    match op:
        case "<":
            return _excluding_empty(first, "<")
        case "<=":
            return _excluding_empty(last, inside)
        case ">":
            return ((after, last),)
        case ">=":
            return ((">=", first),)
    return ((">=", first), (inside, last))


def _excluding_empty(bound: int | str, op: str) -> tuple[Bound, ...]:
    """An empty text sorts before every ISO day, yet is not a day."""
    return ((">=", "0"), (op, bound)) if isinstance(bound, str) else ((op, bound),)


def _duration_bounds(kind: Kind, op: str, length: int, now: int) -> tuple[Bound, ...]:
    if kind is Kind.PAST:
        bound = ({"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op], now - length)
        # What is said to have been in the year 9999 was not in the last 30 days.
        return (bound, ("<=", now + AHEAD)) if op[0] == "<" else (bound,)
    start: int | str = now
    target: int | str = now + length
    if kind is Kind.DAY:
        start, target = _iso(now // DAY), _iso((now + length) // DAY)
    return ((op, target),) if op[0] == ">" else ((">=", start), (op, target))


def _range(field: Field, op: str, text: str, piece: Piece) -> Range:
    if op not in (":", "="):
        raise FilterError(f"a range takes no {op}: {field.name}:{shorten(text)}", piece.start, piece.end, text)
    low_text, _, high_text = text.partition("..")
    if not low_text and not high_text:
        raise FilterError("a range needs at least one end, as in ..10 or 10..", piece.start, piece.end)
    low = _scalar(field, low_text, piece) if low_text else None
    high = _scalar(field, high_text, piece) if high_text else None
    if low and high:
        if type(low) is not type(high):
            raise FilterError("both ends of a range must be of one kind", piece.start, piece.end)
        if _is_reversed(low, high):
            turned = f"{high_text}..{low_text}"
            raise FilterError(f"{shorten(text)} is reversed: write {turned}", piece.start, piece.end, turned)
    return Range(low, high)


def _is_reversed(low: Value, high: Value) -> bool:
    if isinstance(low, Number):
        return float(low.text) > float(high.text)
    if isinstance(low, Duration):
        return seconds(low.text) > seconds(high.text)
    relative = ("today", "yesterday")
    if low.text in relative or high.text in relative:
        return low.text == "today" and high.text == "yesterday"
    return days(low.text, 0)[0] > days(high.text, 0)[1]


def _scalar(field: Field, text: str, piece: Piece) -> Value:
    if field.kind is Kind.NUMBER:
        if not _NUMBER.match(text):
            raise FilterError(f"'{shorten(text)}' is not a number", piece.start, piece.end)
        return Number(text)
    if _DURATION.match(text):
        if seconds(text) > _LONGEST:
            raise FilterError(f"'{shorten(text)}' is longer than 1,000 years", piece.start, piece.end)
        return Duration(text)
    if text in ("today", "yesterday"):
        return Date(text)
    match = _DATE.match(text)
    if match and (match[2] or 1970 <= int(match[1]) < 2200):
        try:
            days(text, 0)
        except ValueError:
            pass
        else:
            return Date(text)
    if (match and match[2]) or re.match(r"[0-9]+-", text):
        raise FilterError(
            f"'{shorten(text)}' is not a date: use year-month-day, as in 2024-05-31", piece.start, piece.end
        )
    if text[0].isdigit():
        amount = _AMOUNT.match(text)
        raise FilterError(
            f"'{shorten(text)}' is not a duration: use h, d, w, mo or y, as in 90d",
            piece.start,
            piece.end,
            amount and f"{amount[1]}{_guess_unit(amount[2])}",
        )
    raise FilterError(
        f"'{shorten(text)}' is neither a duration nor a date: write 90d, 2024-05-31, today or {ABSENT[1]}",
        piece.start,
        piece.end,
    )


def _guess_unit(word: str) -> str:
    return "mo" if word.startswith("mo") else word[0] if word[:1] in ("h", "w", "y") else "d"


def _missing_value(field: Field, piece: Piece) -> FilterError:
    if piece.quoted:
        return FilterError(
            f"there is nothing between these quotes: {field.name}:none is not a value", piece.start, piece.end
        )
    return MissingValue(f"{field.name} needs a value, as in {example(field)}", piece.start, piece.end)


def example(field: Field) -> str:
    """Return one condition of `field` to show to people."""
    if field.example:
        return field.example
    match field.kind:
        case Kind.NUMBER:
            value = "3.."
        case Kind.PAST:
            value = "90d.."
        case Kind.FUTURE | Kind.DAY:
            value = "..30d"
        case _:
            value = field.values[0] if field.values else "x"
    return f"{field.name}:{value}"


def seconds(duration: str) -> int:
    """Return the length of a valid duration; a month is 30 days, a year 365."""
    return sum(int(count) * _UNITS[unit] for count, unit in _STEP.findall(duration))


@lru_cache(maxsize=256)
def _fixed_days(text: str) -> tuple[int, int]:
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    first = date(int(year), int(month or 1), int(day or 1)).toordinal() - _EPOCH
    if day:
        return first, first
    if not month:
        return first, date(int(year), 12, 31).toordinal() - _EPOCH
    if month == "12":
        return first, first + 30
    return first, date(int(year), int(month) + 1, 1).toordinal() - _EPOCH - 1


def days(text: str, now: int) -> tuple[int, int]:
    """Return the first and last day, counted from 1970-01-01, that a date text means. Raises ValueError."""
    if text == "today":
        return now // DAY, now // DAY
    if text == "yesterday":
        return now // DAY - 1, now // DAY - 1
    return _fixed_days(text)


def _iso(day: int) -> str:
    return date.fromordinal(min(max(day + _EPOCH, 1), date.max.toordinal())).isoformat()

"""Completion at the cursor of a filter text, even if the text is not valid."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokendesk.filtering.fields import Field, FieldTable, Kind
from tokendesk.filtering.format import quote
from tokendesk.filtering.lex import KEYWORDS, Lexeme, lex
from tokendesk.filtering.values import ABSENT, PRESENT
from tokendesk.model.text import fold

_AGES = ("7d", "30d", "90d", "1y")
_PLAIN = {
    Kind.NUMBER: (">0",),
    Kind.PAST: ("<7d", "<30d", ">90d", ">1y", "today", "yesterday", "never", PRESENT),
    Kind.FUTURE: ("<7d", "<30d", "<90d", ">30d", "today", "never", PRESENT),
    Kind.DAY: ("<=today", "<7d", "<30d", "today", "never", PRESENT),
}


class Completion(NamedTuple):
    """Each of `candidates` could replace `text[start:end]`.

    `kind` is `field`, `value`, `flag`, or `none` where there is nothing to complete. For a value, `candidates` are
    only the values that the language knows; `field` and `prefix` (without quotes) say what to look up in the data.
    """

    start: int
    end: int
    kind: str
    field: Field | None
    prefix: str
    candidates: tuple[str, ...]
    counts: Mapping[str, int] = {}
    """How many rows have a candidate, where that is known."""

    def with_data(self, values: Iterable[tuple[str, int]]) -> "Completion":
        """Return this completion with the matching `values` from the data in front, and their counts."""
        wanted = fold(self.prefix)
        # A value that the language also knows is listed once, in the language's spelling.
        known = {fold(candidate): candidate for candidate in self.candidates if candidate not in (*ABSENT, PRESENT)}
        fitting = {
            known.get(fold(value), quote(value)): count
            for value, count in values
            if value and fold(value).startswith(wanted)
        }
        return self._replace(candidates=tuple(dict.fromkeys([*fitting, *self.candidates])), counts=fitting)

    def insert(self, text: str, candidate: str) -> tuple[str, int]:
        """Return `text` with `candidate` inserted, and the new cursor position."""
        return text[: self.start] + candidate + text[self.end :], self.start + len(candidate)


def complete(text: str, cursor: int, table: FieldTable) -> Completion:
    """Return what can be completed at `cursor`; never raises."""
    cursor = min(max(cursor, 0), len(text))
    before = lex(text[:cursor], lenient=True)
    last = before[-1] if before and before[-1].end == cursor else None
    if last is None or last.kind in ("(", "-"):
        return _field(text, cursor, "", table)
    if last.kind == "word" or last.kind in KEYWORDS:
        return _field(text, last.start, last.text, table)
    field = table.find(last.text) if last.kind == "term" else None
    if field is None:
        return Completion(cursor, cursor, "none", None, "", ())
    return _value(text, last, field, table)


def _field(text: str, start: int, prefix: str, table: FieldTable) -> Completion:
    wanted = prefix.lower()
    names = [field.name for field in table.fields]
    if wanted:
        names += [alias for field in table.fields for alias in field.aliases]
    found = tuple(f"{name}:" for name in [*names, "is", "has"] if name.startswith(wanted))
    end = start + len(prefix)
    if found and (whole := _lexeme_at(text, start)):
        end = max(end, start + len(whole.text) + whole.colon if whole.kind == "term" else whole.end)
    return Completion(start, end, "field", None, prefix, found)


def _value(text: str, term: Lexeme, field: Field, table: FieldTable) -> Completion:
    piece = term.pieces[-1]
    whole = _lexeme_at(text, term.start)
    rest = [other.end for other in (whole.pieces if whole else ()) if other.start == piece.start]
    end = max([piece.end, *rest])
    wanted = fold(piece.text)
    if field.kind is Kind.FLAG:
        known = table.flag_names(field)
    elif field.kind in (Kind.TEXT, Kind.CHOICE):
        known = tuple(map(quote, field.values or ()))
        known += (ABSENT[0], PRESENT) if not piece.quoted else ()
    else:
        known = _PLAIN[field.kind] if term.op == ":" else _AGES if field.kind is not Kind.NUMBER else ()
    listed = {fold(other.text) for other in term.pieces[:-1]}
    found = tuple(k for k in known if fold(k).lstrip('"').startswith(wanted) and fold(k) not in listed)
    kind = "flag" if field.kind is Kind.FLAG else "value"
    return Completion(piece.start, end, kind, field, piece.text, found)


def _lexeme_at(text: str, start: int) -> Lexeme | None:
    return next((lexeme for lexeme in lex(text, lenient=True) if lexeme.start == start), None)

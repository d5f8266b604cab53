"""Tree -> text, and edits of a filter text by keys. The user's text stays as typed."""

import re
from typing import NamedTuple

from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import Field, FieldTable, Kind
from tokendesk.filtering.lex import KEYWORDS, Lexeme, condition_head, lex
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import And, Condition, Node, Not, Or, Pattern, Text, Value, Word, WordPattern
from tokendesk.filtering.values import ABSENT, PRESENT
from tokendesk.model.text import fold
from tokendesk.model.timestamps import utc

# An unquoted * is a wildcard.
_BARE_WORD = re.compile(r'[^\s"()*-][^\s"()*]*\Z')
_BARE_VALUE = re.compile(r'[^\s"(),<>=!/\\*][^\s"(),*]*\Z')
_AFTER_EQUALS = re.compile(r"//|\\|!=")
"""The beginnings of unquoted values that would mean something else right after a colon."""


class Chip(NamedTuple):
    """One condition at the top of a filter, as typed: `text` stands at `start:end`."""

    text: str
    start: int
    end: int


def write(tree: Node | None) -> str:
    """Return the canonical text of `tree`; parsing it gives an equal tree. None gives the empty text."""
    match tree:
        case None:
            return ""
        case Or(items):
            return " or ".join([f"({write(item)})" if isinstance(item, Or) else write(item) for item in items])
        case And(items):
            return " ".join([_write_operand(item) for item in items])
        case Not(Not() as item):
            return f"not {write(item)}"
        case Not(WordPattern(text)) if text.startswith("-"):
            return f"not {text}"
        case Not(item):
            return f"-{_write_operand(item)}"
        case Word(text):
            bare = _BARE_WORD.match(text) and text.lower() not in KEYWORDS and not condition_head(text)
            return text if bare else _quoted(text)
        case WordPattern(text):
            return text
        case Condition(field, op, values):
            is_plain = op == ":" and not (isinstance(values[0], Pattern) and _AFTER_EQUALS.match(values[0].text))
            sign = ":" if is_plain else f":{op.replace(':', '=')}"
            return f"{field}{sign}{','.join([_value(value) for value in values])}"
    raise TypeError(f"no filter node: {tree!r}")


def quote(value: str) -> str:
    """Return `value` for use after `field:`, quoted if needed."""
    lowered = value.lower()
    if _BARE_VALUE.match(value) and lowered not in ABSENT and lowered != PRESENT:
        return value
    return _quoted(value)


def conditions(text: str, table: FieldTable) -> tuple[Chip, ...]:
    """Return the conditions that must all hold, in order. A text in error, or with `or` on top, is one chip."""
    try:
        tree = parse(text, table)
    except FilterError:
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        return (Chip(text[start:end], start, end),) if start < end else ()
    if tree is None:
        return ()
    nodes = tree.items if isinstance(tree, And) else (tree,)
    return tuple(Chip(text[node.start : node.end], node.start, node.end) for node in nodes)


def drop_last(text: str, table: FieldTable) -> str:
    """Return `text` without its last condition; of a text in error, without its last word."""
    try:
        tree = parse(text, table)
    except FilterError:
        return _drop_lexeme(text)
    if not isinstance(tree, And):
        return ""
    return (text[: tree.items[-2].end] + text[tree.items[-1].end :]).strip()


def drop(text: str, number: int, table: FieldTable) -> str:
    """Return `text` without the condition `number` of `conditions`."""
    chips = conditions(text, table)
    if number >= len(chips):
        return text
    kept = [text[chip.start : chip.end] for chip in chips[:number] + chips[number + 1 :]]
    return " ".join(kept)


def add(text: str, condition: str) -> str:
    """Return a filter for `text` and `condition`; `text` itself if it already has the condition."""
    text, condition = text.strip(), condition.strip()
    if not text or not condition:
        return text or condition
    try:
        there, more = _parts(text), _parts(condition)
    except FilterError:
        return f"{text} {condition}"
    if there and more and all(part in there for part in more):
        return text
    return f"{text if there else f'({text})'} {condition if more else f'({condition})'}"


def matching_condition(field: Field, value: str | int | float | None) -> str:
    """Return the condition for the rows with `value`: for a time, its UTC day."""
    if value is None or value == "":
        return f"{field.name}:{'never' if field.kind in (Kind.PAST, Kind.FUTURE, Kind.DAY) else 'none'}"
    if field.kind in (Kind.PAST, Kind.FUTURE):
        return f"{field.name}:{utc(int(value)).date().isoformat()}"
    condition = f"{field.name}:{'=' if field.kind is Kind.TEXT else ''}{quote(str(value))}"
    if field.kind in (Kind.TEXT, Kind.CHOICE) and not fold(str(value)):
        return f"({field.name}:any {condition})"  # only accents: they compare as the empty text, which is no value
    return condition


def excluding_condition(field: Field, value: str | int | float | None) -> str:
    """Return the condition for the rows without `value`."""
    return f"-{matching_condition(field, value)}"


def _write_operand(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, And | Or) else write(node)


def _value(value: Value) -> str:
    return quote(value.text) if isinstance(value, Text) else value.text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _drop_lexeme(text: str) -> str:
    lexemes = lex(text, lenient=True)[:-1]
    while lexemes and lexemes[-1].kind in ("-", "(", *KEYWORDS):
        lexemes.pop()
    return text[: lexemes[-1].end].strip() if lexemes else ""


def _parts(text: str) -> tuple[str, ...]:
    """Return the texts of the top-level conjuncts; empty if there is an `or`."""
    parts = []
    first: Lexeme | None = None
    depth = 0
    for lexeme in lex(text):
        first = first or lexeme
        depth += (lexeme.kind == "(") - (lexeme.kind == ")")
        if depth:
            continue
        if lexeme.kind == "or":
            return ()
        if lexeme.kind in ("-", "not"):
            continue
        if lexeme.kind != "and":
            parts.append(text[first.start : lexeme.end])
        first = None
    return tuple(parts)

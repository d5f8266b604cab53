"""Tree -> SQL. What was typed is only ever a parameter; the SQL comes from the table of fields and from here.

Every condition yields 0 or 1 and never NULL, so that it works under NOT: `-used:<7d` also finds what was
never used.
"""

import re
from typing import NamedTuple

from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import Field, FieldTable, Kind
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import (
    Absent,
    And,
    Condition,
    Node,
    Not,
    Or,
    Pattern,
    Present,
    Text,
    Value,
    Word,
    WordPattern,
)
from tokendesk.filtering.values import bounds
from tokendesk.filtering.wildcards import TextMatch
from tokendesk.model.text import fold

_COLUMN = re.compile(r'[\w."]+\Z')
_MAX_FLAG_DEPTH = 4  # nesting limit of flags in the filters of other flags


class Where(NamedTuple):
    """One boolean expression with `?` for each of `params`."""

    sql: str
    params: list[object]


def compile_filter(tree: Node | None, table: FieldTable, now: int, *, scanning: bool = False) -> Where:
    """Return the SQL condition for `tree`; None means every row.

    `scanning`: for a statement that reads row after row and stops early. `now` is in seconds
    since 1970 UTC. Raises FilterError where the tree was made for another table.
    """
    if tree is None:
        return Where("1", [])
    compiler = _Compiler(table, now, scanning)
    return Where(compiler.node(tree, False), compiler.params)


class _Compiler:
    """Appends to `params` in the order in which it writes their `?`."""

    def __init__(self, table: FieldTable, now: int, scanning: bool) -> None:
        self.table = table
        self.words = table.scanned if scanning else table.words
        self.now = now
        self.params: list[object] = []
        self.macros = 0

    def node(self, node: Node, negated: bool) -> str:
        match node:
            case And(items):
                return f"({' AND '.join([self.node(item, negated) for item in items])})"
            case Or(items):
                return f"({' OR '.join([self.node(item, negated) for item in items])})"
            case Not(item):
                return f"(NOT {self.node(item, True)})"
            case Word(text):
                return self.word(TextMatch((fold(text),)), negated)
            case WordPattern(text):
                return self.word(TextMatch.of_pattern(text), negated)
            case Condition():
                return self.condition(node, negated)
        raise TypeError(f"no filter node: {node!r}")

    def word(self, match: TextMatch, negated: bool) -> str:
        if not any(match.parts):
            return "1"  # only accents, or only *: every text contains the empty text
        sql, params = self.words(match)
        self.params += params
        # Only where it matters: a bare "id IN (...)" lets SQLite look rows up instead of reading all of them.
        return f"(({sql}) IS TRUE)" if negated else f"({sql})"

    def condition(self, node: Condition, negated: bool) -> str:
        field = self.table.find(node.field)
        if field is None:
            raise FilterError(f"unknown field {node.field!r} here", node.start, node.end)
        if field.kind is Kind.FLAG:
            parts = [self.flag(field, value, node, negated) for value in node.values]
        else:
            parts = self.values(field, node.op, node.values)
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def values(self, field: Field, op: str, values: tuple[Value, ...]) -> list[str]:
        parts = []
        whole: list[str] = []
        for value in values:
            if isinstance(value, Absent | Present):
                parts.append(_presence(field, isinstance(value, Present)))
            elif isinstance(value, Pattern):
                match = TextMatch.of_pattern(value.text, whole=field.kind is Kind.CHOICE or op == "=")
                self.params.append(match.parameter)
                parts.append(_wrap_many(field, f"(({match.test(field.folded)}) IS TRUE)"))
            elif not isinstance(value, Text):
                parts.append(_wrap_many(field, self.compared(field.sql, bounds(field.kind, op, value, self.now))))
            elif field.kind is Kind.CHOICE or op == "=":
                whole.append(fold(value.text))
            else:
                self.params.append(fold(value.text))
                parts.append(_wrap_many(field, f"(instr({field.folded}, ?) IS TRUE)"))
        if whole:
            self.params += whole
            parts.append(_wrap_many(field, _null_safe(field.folded, f"IN ({', '.join('?' * len(whole))})")))
        return parts

    def compared(self, sql: str, tests: tuple[tuple[str, int | float | str], ...]) -> str:
        self.params += [bound for _, bound in tests]
        if len(tests) == 1:
            return _null_safe(sql, f"{tests[0][0]} ?")
        (low, _), (high, _) = tests
        if (low, high) == (">=", "<="):
            return _null_safe(sql, "BETWEEN ? AND ?")
        return f"({_null_safe(sql, f'{low} ?')} AND {_null_safe(sql, f'{high} ?')})"

    def flag(self, field: Field, value: Value, node: Condition, negated: bool) -> str:
        flag = self.table.flag(field, value.text)
        if flag is None or (flag.sql is None and flag.filter is None):
            raise FilterError(f"{field.name}:{value.text} is not available here", node.start, node.end)
        if flag.sql is not None:
            return f"(({flag.sql}) IS TRUE)"
        if self.macros >= _MAX_FLAG_DEPTH:
            raise FilterError(f"{field.name}:{value.text} is defined by itself", node.start, node.end)
        self.macros += 1
        try:
            tree = parse(flag.filter or "", self.table)
            return self.node(tree, negated) if tree else "1"
        except FilterError as error:
            message = f"{field.name}:{value.text} means {flag.filter}, and there {error.message}"
            raise FilterError(message, node.start, node.end) from error
        finally:
            self.macros -= 1


def _presence(field: Field, present: bool) -> str:
    """No value is NULL, and for texts the empty text too.

    Of several values per row, `tag:none` means that there is no tag, but `token.used:never` that there is a
    token which never was used: a moment that is missing is a fact about that one token.
    """
    if field.nothing:  # a trusted constant, as all of the field
        yes, no = f"{field.sql} <> '{field.nothing}'", f"coalesce({field.sql}, '{field.nothing}') = '{field.nothing}'"
    elif field.kind in (Kind.TEXT, Kind.CHOICE, Kind.DAY):
        yes, no = f"coalesce({field.sql}, '') <> ''", f"coalesce({field.sql}, '') = ''"
    else:
        yes, no = f"{field.sql} IS NOT NULL", f"{field.sql} IS NULL"
    if field.untold and present:
        yes = f"{yes} AND {field.sql} <> '{field.untold}'"
    if field.unread:
        yes, no = f"{yes} OR ({field.unread})", f"{no} AND NOT ({field.unread})"
    if field.many and not present and field.kind in (Kind.TEXT, Kind.CHOICE, Kind.NUMBER):
        return f"(NOT {_wrap_many(field, f'({yes})')})"
    return _wrap_many(field, f"({yes if present else no})")


def _wrap_many(field: Field, condition: str) -> str:
    return f"{field.many[0]}{condition}{field.many[1]}" if field.many else condition


def _null_safe(sql: str, test: str) -> str:
    """Return the test as 0 or 1: a column may use an index, other expressions are evaluated once."""
    if _COLUMN.match(sql):
        return f"({sql} IS NOT NULL AND {sql} {test})"
    return f"(({sql} {test}) IS TRUE)"

"""Filter text -> tree.

filter     = and_terms { "or" and_terms }
and_terms  = term { ["and"] term }
term       = ( "-" | "not" ) term | "(" filter ")" | condition | word | phrase
condition  = name ( ":" | ":" compare | compare ) value { "," value }
"""

from typing import NoReturn

from tokendesk.filtering.errors import FilterError, shorten
from tokendesk.filtering.fields import Field, FieldTable, Kind
from tokendesk.filtering.fields import nearest as nearest_name
from tokendesk.filtering.lex import Lexeme, Piece, lex
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
from tokendesk.filtering.values import check_pattern, parse_value
from tokendesk.filtering.wildcards import WILDCARD, TextMatch
from tokendesk.model.text import fold

MAX_CHARACTERS = 10_000
# SQLite's parser has a stack of 100 entries in common builds, of which one level of nesting takes up to four,
# and it refuses expressions more than 1,000 operators deep.
MAX_DEPTH = 8
MAX_CONDITIONS = 400


def parse(text: str, table: FieldTable) -> Node | None:
    """Parse `text`; None if it is empty. Raises only FilterError."""
    if len(text) > MAX_CHARACTERS:
        raise FilterError(
            f"a filter may have at most {MAX_CHARACTERS:,} characters, this has {len(text):,}",
            MAX_CHARACTERS,
            len(text),
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:  # command-line bytes that are not UTF-8; SQLite would refuse them
        raise FilterError("this is not valid text (half a character)", error.start, error.end) from None
    if "\0" in text:
        # SQLite's search index reads a query only up to the first NUL.
        raise FilterError("this character cannot be searched for", text.index("\0"), text.index("\0") + 1)
    lexemes = lex(text)
    return _Parser(text, table, lexemes).parse_all() if lexemes else None


class _Parser:
    def __init__(self, text: str, table: FieldTable, lexemes: list[Lexeme]) -> None:
        self.text = text
        self.table = table
        self.lexemes = lexemes
        self.at = 0
        self.count = 0

    def parse_all(self) -> Node:
        node = self.disjunction(0)
        if self.at < len(self.lexemes):
            extra = self.lexemes[self.at]
            raise FilterError("unmatched )", extra.start, extra.end)
        return node

    def peek(self) -> str:
        return self.lexemes[self.at].kind if self.at < len(self.lexemes) else ""

    def disjunction(self, depth: int) -> Node:
        items = [self.conjunction(depth)]
        while self.peek() == "or":
            self.at += 1
            items.append(self.conjunction(depth))
        return Or(tuple(items), items[0].start, items[-1].end) if len(items) > 1 else items[0]

    def conjunction(self, depth: int) -> Node:
        items = [self.term(depth)]
        while (kind := self.peek()) not in ("", ")", "or"):
            if kind == "and":
                self.at += 1
            items.append(self.term(depth))
        return And(tuple(items), items[0].start, items[-1].end) if len(items) > 1 else items[0]

    def term(self, depth: int) -> Node:
        if self.at >= len(self.lexemes):
            self.incomplete()
        lexeme = self.lexemes[self.at]
        if depth > MAX_DEPTH:
            raise FilterError(f"this is nested more than {MAX_DEPTH} levels deep", lexeme.start, lexeme.end)
        kind = lexeme.kind
        if kind in (")", "or", "and"):
            self.incomplete()
        self.at += 1
        if kind in ("-", "not"):
            node = self.term(depth + 1)
            return Not(node, lexeme.start, node.end)
        if kind == "(":
            return self.group(lexeme, depth)
        self.count_parts(1, lexeme)
        if kind == "term":
            return self.condition(lexeme)
        if not lexeme.text:
            raise FilterError("there is nothing between these quotes", lexeme.start, lexeme.end)
        if kind == "word":
            return _word(lexeme.text, lexeme.start, lexeme.end)
        return Word(lexeme.text, lexeme.start, lexeme.end)

    def group(self, opened: Lexeme, depth: int) -> Node:
        if self.peek() == ")":
            closed = self.lexemes[self.at]
            raise FilterError("there is nothing between these parentheses", opened.start, closed.end)
        if not self.peek():
            raise FilterError("this ( is never closed", opened.start, opened.end)
        node = self.disjunction(depth + 1)
        if self.peek() != ")":
            raise FilterError("this ( is never closed", opened.start, opened.end)
        closed = self.lexemes[self.at]
        self.at += 1
        return node.at(opened.start, closed.end)

    def incomplete(self) -> NoReturn:
        """Report a missing condition or word."""
        after = self.at > 0 and self.lexemes[self.at - 1].kind in ("and", "or", "not", "-")
        keyword = self.lexemes[self.at - after]
        if keyword.kind == ")":
            raise FilterError("unmatched )", keyword.start, keyword.end)
        side = "after" if after else "before"
        word = keyword.text
        raise FilterError(
            f'something is missing {side} this {word!r} (to search for the word, write "{word}")'
            if keyword.kind != "-"
            else "something is missing after this -",
            keyword.start,
            keyword.end,
        )

    def count_parts(self, parts: int, lexeme: Lexeme) -> None:
        self.count += parts
        if self.count > MAX_CONDITIONS:
            raise FilterError(
                f"a filter may have at most {MAX_CONDITIONS} words and conditions", lexeme.start, lexeme.end
            )

    def condition(self, lexeme: Lexeme) -> Node:
        field = self.table.find(lexeme.text)
        if field is None:
            return self.unknown_field(lexeme)
        op = lexeme.op
        name_end = lexeme.start + len(lexeme.text)
        if op == "!=":
            better = f"-{field.name}:{self.text[lexeme.pieces[0].start : lexeme.end]}"
            raise FilterError(f"to negate, put - in front: {shorten(better)}", lexeme.start, lexeme.end, better)
        if not lexeme.pieces[-1].text and len(lexeme.pieces) > 1 and not lexeme.pieces[-1].quoted:
            raise FilterError("a value is missing after this comma", lexeme.end - 1, lexeme.end)
        if not lexeme.pieces[0].text and self.text.startswith("(", lexeme.end):
            raise FilterError(f"separate several values with commas: {field.name}:a,b", lexeme.end, lexeme.end + 1)
        if op not in (":", "=") and field.kind in (Kind.TEXT, Kind.CHOICE, Kind.FLAG):
            raise FilterError(f"{field.name} cannot be compared with {op}", name_end, lexeme.pieces[0].start, ":")
        if field.kind is Kind.FLAG:
            values = tuple(self.flag(field, lexeme))
            op = ":"
        else:
            values = tuple([parse_value(field, op, piece) for piece in lexeme.pieces])
            for value, piece in zip(values, lexeme.pieces, strict=True):
                if isinstance(value, Text):
                    _check_known(field, value.text, piece)
                elif isinstance(value, Pattern):
                    _check_fits_known(field, value.text, piece)
            if op not in (":", "=") and sum(not isinstance(v, Absent | Present) for v in values) > 1:
                raise FilterError(
                    f"{op} takes one value; join several conditions with or",
                    lexeme.pieces[0].start,
                    lexeme.end,
                )
            # `:` already means equal for these kinds.
            op = ":" if op == "=" and field.kind is not Kind.TEXT else op
        if len(values) > 1 and not (field.kind is Kind.CHOICE or op == "="):
            self.count_parts(len(values) - 1, lexeme)
        return Condition(field.name, op, values, lexeme.start, lexeme.end)

    def flag(self, field: Field, lexeme: Lexeme) -> list[Value]:
        values: list[Value] = []
        for piece in lexeme.pieces:
            name = piece.text.lower()
            if not name:
                names = self.table.flag_names(field)
                example = f"{field.name}:{names[0] if names else 'x'}"
                raise FilterError(f"{field.name} needs a name, as in {example}", piece.start, piece.end)
            flag = self.table.flag(field, name)
            if flag is None:
                near = nearest_name(name, self.table.flag_names(field))
                hint = f" (did you mean {field.name}:{near}?)" if near else ""
                raise FilterError(f"unknown {field.name}:{shorten(name)}{hint}", piece.start, piece.end, near)
            if flag.sql is None and flag.filter is None:
                why = f": {flag.reason}" if flag.reason else ""
                raise FilterError(f"{field.name}:{name} is not available here{why}", lexeme.start, lexeme.end)
            values.append(Text(name))
        return values

    def unknown_field(self, lexeme: Lexeme) -> Node:
        """Take `key=value` and `a>b` for words; a colon, or a name that is nearly one, is a slip."""
        near = self.table.nearest(lexeme.text)
        quoted = any(piece.quoted for piece in lexeme.pieces)
        compares = lexeme.op[0] in "<>" and lexeme.pieces[0].text[:1].isdigit()
        if not (lexeme.colon or quoted or compares or (near and lexeme.op[0] in "<>")):
            return _word(self.text[lexeme.start : lexeme.end], lexeme.start, lexeme.end)
        hint = f"did you mean {near}?" if near else "to search for the words, put them in quotes"
        raise FilterError(
            f"unknown field '{shorten(lexeme.text)}' ({hint})",
            lexeme.start,
            lexeme.start + len(lexeme.text),
            near,
        )


def _word(text: str, start: int, end: int) -> Node:
    """Return the node of an unquoted word."""
    if WILDCARD not in text:
        return Word(text, start, end)
    check_pattern(text, start, end)
    return WordPattern(text, start, end)


def _check_known(field: Field, value: str, piece: Piece) -> None:
    """Refuse a value that the field never has: it would match nothing, or everything if negated."""
    known = field.values or ()
    if not (field.closed or field.slips) or fold(value) in map(fold, known):
        return
    near = nearest_name(value, known)
    if field.closed or (near and value.replace("-", "").isalpha()):
        hint = f"did you mean {near}?" if near else f"it is one of {', '.join(known)}"
        raise FilterError(f"unknown {field.name} '{shorten(value)}' ({hint})", piece.start, piece.end, near)


def _check_fits_known(field: Field, pattern: str, piece: Piece) -> None:
    """Refuse a pattern that no value of the field fits."""
    match = TextMatch.of_pattern(pattern)
    if field.closed and not any(match.fits(fold(value)) for value in field.values or ()):
        raise FilterError(
            f"no {field.name} is like '{shorten(pattern)}' (it is one of {', '.join(field.values or ())})",
            piece.start,
            piece.end,
        )

"""Splits a filter text into lexemes. It needs no field table."""

import re
from typing import NamedTuple

from tokendesk.filtering.errors import FilterError

_SPACE = re.compile(r"\s*")
# A name and an operator. `http://x` and `C:\x` are words.
_HEAD = re.compile(r"([A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)(:(?![/]{2}|\\)(?:[<>]=?|!?=)?|[<>]=?|!?=)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
_PLAIN = re.compile(r'[^\s"()]*')
_PLAIN_VALUE = re.compile(r'[^\s"(),]*')
_MAX_PARENTHESES = 16  # parentheses inside one word; without a limit "a(a(a(..." would be read again from each of them
KEYWORDS = frozenset(("and", "or", "not"))


class Piece(NamedTuple):
    """One value of a comma list."""

    text: str
    quoted: bool
    start: int
    end: int


class Lexeme(NamedTuple):
    """`kind` is one of `( ) - and or not word phrase term`.

    `text` is the word, the phrase without quotes, or the name of a term; `op` is `: = != < <= > >=`.
    """

    kind: str
    text: str
    start: int
    end: int
    op: str = ""
    colon: bool = False
    pieces: tuple[Piece, ...] = ()


def lex(text: str, *, lenient: bool = False) -> list[Lexeme]:
    """Return the lexemes of `text`.

    Raises FilterError for a quote that is never closed; `lenient` closes it at the end of the text.
    """
    found: list[Lexeme] = []
    at, length = _skip(text, 0), len(text)
    while at < length:
        lexeme = _next(text, at, lenient)
        found.append(lexeme)
        at = _skip(text, lexeme.end)
    return found


def condition_head(text: str, at: int = 0) -> "re.Match[str] | None":
    """Return the match of `name` and operator where a condition starts at `at`."""
    return _HEAD.match(text, at)


def unescape(text: str) -> str:
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _next(text: str, at: int, lenient: bool) -> Lexeme:
    char = text[at]
    if char in "()":
        return Lexeme(char, char, at, at + 1)
    if char == '"':
        piece = _quoted(text, at, lenient)
        return Lexeme("phrase", piece.text, at, piece.end)
    # "- x" is a dash between words, "--x" an option in a label.
    if char == "-" and text[at + 1 : at + 2].strip() not in ("", "-", ")"):
        return Lexeme("-", "-", at, at + 1)
    match = _HEAD.match(text, at)
    if match:
        op = match[2]
        pieces = _pieces(text, match.end(), lenient)
        return Lexeme("term", match[1], at, pieces[-1].end, op.lstrip(":") or ":", op[0] == ":", pieces)
    end = _run(text, at, _PLAIN)
    word = text[at:end]
    lowered = word.lower()
    return Lexeme(lowered if lowered in KEYWORDS else "word", word, at, end)


def _pieces(text: str, at: int, lenient: bool) -> tuple[Piece, ...]:
    pieces = []
    while True:
        if text.startswith('"', at):
            piece = _quoted(text, at, lenient)
        else:
            end = _run(text, at, _PLAIN_VALUE)
            piece = Piece(text[at:end], False, at, end)
        pieces.append(piece)
        if not text.startswith(",", piece.end):
            return tuple(pieces)
        at = piece.end + 1


def _quoted(text: str, at: int, lenient: bool) -> Piece:
    match = _QUOTED.match(text, at)
    if match:
        return Piece(unescape(match[1]), True, at, match.end())
    if lenient:
        return Piece(unescape(text[at + 1 :]), True, at, len(text))
    raise FilterError("this quote is never closed", at, len(text))


def _run(text: str, at: int, plain: "re.Pattern[str]") -> int:
    """Return the end of the word. Balanced parentheses belong to the word: `run(1)`."""
    opened: list[int] = []
    start = at
    while True:
        match = plain.match(text, at)
        at = match.end() if match else at
        char = text[at : at + 1]
        if char == "(":
            if not opened and text[start:at].lower() in KEYWORDS:
                return at
            opened.append(at)
            if len(opened) > _MAX_PARENTHESES:
                return opened[0]
        elif char == ")" and opened:
            opened.pop()
        elif not (char == "," and opened):
            return opened[0] if opened else at
        at += 1

"""Reads and writes CSV for spreadsheets: no cell runs as a formula, and values survive the round trip."""

import csv
import io
import re
from collections.abc import Callable
from typing import TextIO

from tokendesk.errors import UsageError
from tokendesk.model.bounds import MIB, TABLE_BYTES, TABLE_CELL_CHARACTERS
from tokendesk.model.text import printable

_RUN = "=+@\t\r\n\uff1d\uff0b\uff0d\uff20-"
"""First characters of a cell that a spreadsheet may run as a formula, also in full width."""
# A spreadsheet may take a semicolon or a tab as the separator, as many do by default. The quotes around a cell that is
# not the first of its line do not stand at the start of a cell then, and protect nothing: each line of the cell starts
# a row. Those within it, which CSV doubles, may be an empty text there.
_START = r"(?:\A|(?<=[;\t\r\n])(?![\r\n]))"
_FORMULA = re.compile(f'{_START}(?="*[{_RUN}])')
_FORMULA_OR_GUARD = re.compile(f"{_START}(?='|\"*[{_RUN}])")
_GUARDED = re.compile(f"{_START}'(?='|\"*[{_RUN}])")
_GUARD = "'"


def without_formulas(text: str) -> str:
    """Return a cell that no spreadsheet runs, whichever separator it takes: with an apostrophe before each formula."""
    return _FORMULA.sub(_GUARD, text)


def guard(text: str) -> str:
    """Return the same as `without_formulas`, with another apostrophe before one that was there, for `unguard`."""
    return _FORMULA_OR_GUARD.sub(_GUARD, text)


def drawn(out: TextIO) -> Callable[[str], str]:
    """Return a cell for output: unchanged, but without control characters on a terminal."""
    return printable if out.isatty() else str


def unguard(text: str) -> str:
    """Return the original of a cell made by `guard`."""
    return _GUARDED.sub("", text)


def read_table(content: bytes, what: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names in its first line, folded to lower case.

    The separator is a comma, semicolon or tab, whichever is most frequent in the first line. `what`: the name of the
    file in messages.
    """
    if len(content) > TABLE_BYTES:
        raise UsageError(f"{what} is larger than {TABLE_BYTES // MIB} MiB. Split it into several tables.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is not in UTF-8. Save it as CSV UTF-8, then import it again.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(TABLE_CELL_CHARACTERS)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UsageError(f"{what} is not valid CSV: {error}. Export it again from the spreadsheet.") from None
    names = [name.strip().lower() for name in lines[0]] if lines else []
    if len(set(filter(None, names))) < len(list(filter(None, names))):
        raise UsageError(f"{what} has two columns of the same name in its first line. Leave one of them.")
    return [dict(zip(names, line, strict=False)) for line in lines[1:] if any(line)]

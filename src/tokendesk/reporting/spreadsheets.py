"""CSV for spreadsheets: nothing in a cell is run as a formula, and what was written comes back unchanged."""

import csv
import io
from collections.abc import Callable
from typing import TextIO

from tokendesk.errors import UsageError
from tokendesk.model.bounds import MIB, TABLE_BYTES, TABLE_CELL_CHARACTERS
from tokendesk.model.text import printable

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet may run as a formula."""
_GUARD = "'"


def guard(text: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe before what would be a formula, or is one itself."""
    return _GUARD + text if text.startswith((*RUN, _GUARD)) else text


def drawn(out: TextIO) -> Callable[[str], str]:
    """Return how a cell goes out: unchanged, but on a terminal without what a terminal would run."""
    return printable if out.isatty() else str


def unguard(text: str) -> str:
    """Return what `guard` was given."""
    return text[1:] if text[:1] == _GUARD and text[1:].startswith((*RUN, _GUARD)) else text


def read_table(content: bytes, what: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names in its first line, folded to lower case.

    Commas, semicolons and tabs are taken as separators, whichever the first line has most of. `what` names the
    file in sentences.
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
        raise UsageError(f"{what} is not proper CSV: {error}. Save it again from the spreadsheet.") from None
    names = [name.strip().lower() for name in lines[0]] if lines else []
    if len(set(filter(None, names))) < len(list(filter(None, names))):
        raise UsageError(f"{what} has two columns of the same name in its first line. Leave one of them.")
    return [dict(zip(names, line, strict=False)) for line in lines[1:] if any(line)]

"""Makes the command line that prints the rows of a query, or their groups."""

import re
import shlex
import sys
from collections.abc import Sequence

from tokendesk.config import Settings
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import IS, FieldTable
from tokendesk.filtering.format import add
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import And, Condition, Node, Not, Or
from tokendesk.model.text import fold, printable_lines
from tokendesk.views.query import Query

_TAKEN_FOR_A_FILTER = re.compile(r"(?!-)|-[^-].")
"""How a filter may begin: `--x` would be an option."""
_PLAIN_IN_POWERSHELL = re.compile(r"[A-Za-z0-9_.:/\\-][A-Za-z0-9_.:,/=\\-]*")


def list_command(query: Query, table: FieldTable, settings: Settings, system: str = sys.platform) -> str:
    """Return the command, quoted for the shell of the system. Raises FilterError if no command gives the same rows."""
    text = ""
    for condition in query.filters():
        parse(condition, table)
        text = add(text, condition)
    # A lone name of a field is refused as the rest of a comparison that the shell took away.
    if text and (not _TAKEN_FOR_A_FILTER.match(text) or table.find(text.removeprefix("-"))):
        text = f"({text})"
    tree = parse(text, table)
    if tree is not None and _asks_for_marks(tree):
        raise FilterError("only the screens know what is marked. E exports these rows", 0, len(text))
    if fold(printable_lines(text, tabs=True)) != fold(text):
        raise FilterError("the filter has invisible characters, which would not be copied", 0, len(text))
    words = ["tokendesk", "list", query.pane, *([text] if text else [])]
    if query.by:
        words += ["--by", ",".join(query.by)]
    if query.sort:
        words += ["--sort", ",".join(query.sort)]
    file = settings.paths.file
    words += ["--file", str(file)] if file is not None else ["--profile", settings.profile]
    return join_words(words, system)


def join_words(words: Sequence[str], system: str) -> str:
    """Return the words as one line for PowerShell on Windows, otherwise for a POSIX shell."""
    if system != "win32":
        return shlex.join(words)
    return " ".join(word if _PLAIN_IN_POWERSHELL.fullmatch(word) else _in_single_quotes(word) for word in words)


def _in_single_quotes(word: str) -> str:
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", word) + "'"  # to PowerShell, these are all the same


def _asks_for_marks(node: Node) -> bool:
    match node:
        case And(items) | Or(items):
            return any(map(_asks_for_marks, items))
        case Not(item):
            return _asks_for_marks(item)
        case Condition(field, _, values):
            return field == IS.name and any(value.text == "marked" for value in values)
    return False

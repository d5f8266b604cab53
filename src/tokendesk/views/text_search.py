"""Free words: which rows of tokens or users hold them, in what Atlassian said and in what was noted."""

from collections.abc import Sequence
from typing import NamedTuple

from tokendesk.filtering.fields import Words

INDEXED_FROM = 3
"""Characters from which on the trigram index can answer."""


class SearchableText(NamedTuple):
    """`table` of the snapshot has the folded texts `columns`, and its search index is `<table>_search`."""

    table: str
    record: str
    columns: tuple[str, ...]

    @property
    def noted(self) -> str:
        """The rows whose note holds a word."""
        return (
            f"SELECT s.id FROM desk.note AS d JOIN main.{self.table} AS s ON s.{self.record} = d.subject"
            f" WHERE d.about = '{self.table}' AND instr(d.folded, ?)"
        )


TOKEN_TEXT = SearchableText("token", "token_id", ("label_folded", "owner_folded", "email_folded"))
USER_TEXT = SearchableText("user", "account_id", ("name_folded", "email_folded"))


def scan_condition(text: SearchableText) -> Words:
    """Return the condition that reads each row: for short words, and for the first rows of a frequent one."""
    seen = " OR ".join(f"instr({column}, ?)" for column in text.columns)
    return lambda word: (f"({seen} OR r.id IN ({text.noted}))", [word] * (len(text.columns) + 1))


def index_condition(text: SearchableText) -> Words:
    """Return the condition that asks the search index."""
    found = f"SELECT rowid FROM main.{text.table}_search WHERE {text.table}_search MATCH ?"
    scanned = scan_condition(text)

    def condition(word: str) -> tuple[str, list[object]]:
        if len(word) < INDEXED_FROM:
            return scanned(word)
        return f"r.id IN ({found} UNION ALL {text.noted})", [match_phrase((word,)), word]

    return condition


def match_phrase(words: Sequence[str]) -> str:
    """Return what the search index understands as all of `words`, whatever stands in them."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)

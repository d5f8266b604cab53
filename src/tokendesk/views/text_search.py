"""Searches tokens and users for free words, in Atlassian's data and in notes."""

from collections.abc import Sequence
from typing import NamedTuple

from tokendesk.filtering.fields import Words

INDEXED_FROM = 3
"""Fewest characters that the trigram index can search for."""


class SearchableText(NamedTuple):
    """`table` of the snapshot has the folded texts `columns`, and its search index is `<table>_search`."""

    table: str
    record: str
    columns: tuple[str, ...]

    @property
    def noted(self) -> str:
        """The SELECT of rows whose note contains a word."""
        return (
            f"SELECT s.id FROM desk.note AS d JOIN main.{self.table} AS s ON s.{self.record} = d.subject"
            f" WHERE d.about = '{self.table}' AND instr(d.folded, ?)"
        )


TOKEN_TEXT = SearchableText("token", "token_id", ("label_folded", "owner_folded", "email_folded"))
USER_TEXT = SearchableText("user", "account_id", ("name_folded", "email_folded"))


def scan_condition(text: SearchableText) -> Words:
    """Return the condition that scans rows: for short words, and for the first rows of a frequent one."""
    seen = " OR ".join(f"instr({column}, ?)" for column in text.columns)
    return lambda word: (f"({seen} OR r.id IN ({text.noted}))", [word] * (len(text.columns) + 1))


def index_condition(text: SearchableText) -> Words:
    """Return the condition that uses the search index."""
    found = f"SELECT rowid FROM main.{text.table}_search WHERE {text.table}_search MATCH ?"
    scanned = scan_condition(text)

    def condition(word: str) -> tuple[str, list[object]]:
        if len(word) < INDEXED_FROM:
            return scanned(word)
        return f"r.id IN ({found} UNION ALL {text.noted})", [match_phrase((word,)), word]

    return condition


def match_phrase(words: Sequence[str]) -> str:
    """Return the search index's query for all of `words`, with any characters."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)

"""Searches tokens and users for free words, in Atlassian's data and in notes."""

from collections.abc import Sequence
from typing import NamedTuple

from tokendesk.filtering.fields import Words
from tokendesk.filtering.wildcards import TextMatch

INDEXED_FROM = 3
"""Fewest characters that the trigram index can search for."""


class SearchableText(NamedTuple):
    """`table` of the snapshot has the folded texts `columns`, and its search index is `<table>_search`."""

    table: str
    record: str
    columns: tuple[str, ...]

    @property
    def noted(self) -> str:
        """The SELECT of rows whose note contains a word, up to the test."""
        return (
            f"SELECT s.id FROM desk.note AS d JOIN main.{self.table} AS s ON s.{self.record} = d.subject"
            f" WHERE d.about = '{self.table}' AND "
        )


TOKEN_TEXT = SearchableText("token", "token_id", ("label_folded", "owner_folded", "email_folded"))
USER_TEXT = SearchableText("user", "account_id", ("name_folded", "email_folded"))


def scan_condition(text: SearchableText) -> Words:
    """Return the condition that scans rows: for short words, and for the first rows of a frequent one."""

    def condition(word: TextMatch) -> tuple[str, list[object]]:
        seen = " OR ".join(map(word.test, text.columns))
        return f"({seen} OR r.id IN ({text.noted}{word.test('d.folded')}))", [word.parameter] * (len(text.columns) + 1)

    return condition


def index_condition(text: SearchableText) -> Words:
    """Return the condition that uses the search index."""
    search = f"{text.table}_search"
    found = f"SELECT rowid FROM main.{search} WHERE {search} MATCH ?"
    scanned = scan_condition(text)

    def condition(word: TextMatch) -> tuple[str, list[object]]:
        indexed = [part for part in word.parts if len(part) >= INDEXED_FROM]
        if not indexed:
            return scanned(word)
        noted = f"{text.noted}{word.test('d.folded')}"
        if word.is_plain:
            return f"r.id IN ({found} UNION ALL {noted})", [match_phrase(indexed), word.parameter]
        # The index does not know in which order the parts are, or whether they are in one text.
        seen = " OR ".join(word.test(f"s.{column}") for column in text.columns)
        both = f"SELECT s.id FROM main.{text.table} AS s WHERE s.id IN ({found}) AND ({seen})"
        parameters: list[object] = [match_phrase(indexed), *[word.parameter] * (len(text.columns) + 1)]
        return f"r.id IN ({both} UNION ALL {noted})", parameters

    return condition


def match_phrase(words: Sequence[str]) -> str:
    """Return the search index's query for all of `words`, with any characters."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)

"""Finds the ids of the rows that match a filter; the first page comes before the rest."""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import NamedTuple

from tokendesk.filtering.compile import Where, compile_filter
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import And, Node, Word
from tokendesk.model.text import fold
from tokendesk.views.panes import Pane
from tokendesk.views.reach import ready_for
from tokendesk.views.text_search import INDEXED_FROM, SearchableText, match_phrase

PROBE = 4_000
"""How many rows are scanned for a first page before the full query runs."""

_SPARSE = 4
"""Ids with larger gaps are ranked in a dict: a file from elsewhere may have any."""


class Order(NamedTuple):
    """All ids of a pane in an order. `rank`: the position of each id; None if they are in their own order."""

    ids: Sequence[int]
    rank: Sequence[int] | None = None

    @classmethod
    def of_rows(cls, ids: list[int]) -> "Order":
        if not ids or min(ids) <= 0 or max(ids) > _SPARSE * (len(ids) + PROBE):
            return cls(array("q", ids), {row_id: place for place, row_id in enumerate(ids)})  # type: ignore[arg-type]
        rank = array("q", bytes(8 * (max(ids) + 1)))
        for place, row_id in enumerate(ids):
            rank[row_id] = place
        return cls(array("q", ids), rank)

    def of(self, hits: list[int]) -> Sequence[int]:
        """Return `hits` in this order."""
        if self.rank is None:
            return array("q", sorted(hits))
        if len(hits) * 8 < len(self.ids) or isinstance(self.rank, dict):
            return array("q", sorted(hits, key=self.rank.__getitem__))
        shown = bytearray(len(self.rank))
        for hit in hits:
            shown[hit] = 1
        return array("q", compress(self.ids, map(shown.__getitem__, self.ids)))


def parse_filters(pane: Pane, filters: Iterable[str]) -> list[Node]:
    """Raises FilterError."""
    return [node for text in filters if (node := parse(text, pane.fields)) is not None]


def conjunction(pane: Pane, nodes: Sequence[Node], now: int, *, scanning: bool = False) -> Where | None:
    wheres = [compile_filter(node, pane.fields, now, scanning=scanning) for node in nodes]
    if not wheres:
        return None
    return Where(
        " AND ".join(f"({where.sql})" for where in wheres),
        [value for where in wheres for value in where.params],
    )


class Found(NamedTuple):
    """Ids in order; `complete`: there are no others."""

    ids: Sequence[int]
    complete: bool


def all_hits(db: sqlite3.Connection, pane: Pane, nodes: Sequence[Node], now: int) -> list[int]:
    """Return the ids that match all of `nodes`, unordered."""
    return fetch_ids(db, *_select_hits(db, pane, nodes, now))


def count_hits(db: sqlite3.Connection, pane: Pane, nodes: Sequence[Node], now: int) -> int:
    """Return how many rows match all of `nodes`, in half the time that their ids take."""
    select, params = _select_hits(db, pane, nodes, now)
    return int(db.execute(f"SELECT count(*) FROM ({select})", params).fetchone()[0])


def first_hits(
    db: sqlite3.Connection, pane: Pane, nodes: Sequence[Node], now: int, order: Order, most: int
) -> Found | None:
    """Return the first `most` hits without a search for the others; None if that takes the full query.

    A frequent word fills a page from the first few rows. A rare one is faster through the indexes.
    """
    where = conjunction(pane, nodes, now, scanning=True) or Where("1", [])
    ready_for(db, where.sql, now)
    select = f"SELECT r.id FROM {pane.view} AS r WHERE "
    if order.rank is not None:
        among = json.dumps(list(order.ids[:PROBE]))
        sql = f"{select} r.id IN (SELECT value FROM json_each(?)) AND ({where.sql})"
        hits = [row[0] for row in db.execute(sql, (among, *where.params))]
        hits.sort(key=order.rank.__getitem__)
        return Found(hits[:most], False) if len(hits) >= most else None
    sql = f"{select} r.id <= ? AND ({where.sql}) ORDER BY r.id LIMIT ?"
    hits = [row[0] for row in db.execute(sql, (PROBE, *where.params, most))]
    if len(hits) < most:
        sql, params = _select_hits(db, pane, nodes, now)
        hits = [row[0] for row in db.execute(f"{sql} ORDER BY 1 LIMIT ?", (*params, most))]
    return Found(hits, len(hits) < most)


def _select_hits(db: sqlite3.Connection, pane: Pane, nodes: Sequence[Node], now: int) -> tuple[str, Sequence[object]]:
    """Return the SELECT of all hits, and its parameters."""
    source = pane.view
    if pane.text and (words := _only_words(nodes)):
        table = f"{pane.text.table}_search"
        if all(len(word) >= INDEXED_FROM for word in words) and not _is_noted(db, pane.text, words):
            return f"SELECT rowid AS id FROM main.{table} WHERE {table} MATCH ?", (match_phrase(words),)
        source = f"main.{pane.text.table}"  # a count of the view's rows would look up the note of each
    where = conjunction(pane, nodes, now) or Where("1", [])
    ready_for(db, where.sql, now)
    return f"SELECT r.id FROM {source} AS r WHERE {where.sql}", where.params


def fetch_ids(db: sqlite3.Connection, select: str, params: Sequence[object]) -> list[int]:
    """Return the ids that `select` yields as `id`, fetched as one text, which is faster than rows."""
    found = db.execute(f"SELECT group_concat(id) FROM ({select})", params).fetchone()[0]
    return json.loads(f"[{found}]") if found else []


def _only_words(nodes: Sequence[Node]) -> list[str]:
    """Return the folded words if the filter consists only of words."""
    words: list[str] = []
    for node in nodes:
        for item in node.items if isinstance(node, And) else (node,):
            word = fold(item.text) if isinstance(item, Word) else ""
            if not word:
                return []
            words.append(word)
    return words


def _is_noted(db: sqlite3.Connection, text: SearchableText, words: Sequence[str]) -> bool:
    """Whether any note contains any of `words`: then each word may be found in a different place."""
    any_of = " OR ".join("instr(folded, ?)" for _ in words)
    sql = f"SELECT 1 FROM desk.note WHERE about = ? AND ({any_of}) LIMIT 1"
    return db.execute(sql, (text.table, *words)).fetchone() is not None

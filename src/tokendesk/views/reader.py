"""The rows of a pane: ids in order for the whole of it, full rows only for the few that are looked at."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Any

from tokendesk.filtering.compile import Where, compile_filter
from tokendesk.filtering.parse import parse
from tokendesk.model.findings import Thresholds
from tokendesk.paths import Places
from tokendesk.snapshot.file import SnapshotInfo, read_info
from tokendesk.views.connection import connect
from tokendesk.views.panes import Pane, panes
from tokendesk.views.query import Query

Row = Mapping[str, Any]


class Reader:
    """One connection to one snapshot and desk. For one thread at a time; `interrupt` may come from any."""

    def __init__(self, places: Places, limits: Thresholds) -> None:
        self.places = places
        self.limits = limits
        self.panes = panes(limits)
        self.db = connect(places)
        self.info: SnapshotInfo | None = read_info(self.db) if places.snapshot.exists() else None
        self._orders: dict[tuple[str, tuple[str, ...]], tuple[int, array[int], array[int]]] = {}

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def interrupt(self) -> None:
        """Stop the query under way, which then raises sqlite3.OperationalError."""
        self.db.interrupt()

    def where(self, pane: Pane, filters: Iterable[str], now: int) -> Where | None:
        """Return the condition for all `filters` together; raises FilterError."""
        nodes = [node for text in filters if (node := parse(text, pane.fields)) is not None]
        wheres = [compile_filter(node, pane.fields, now) for node in nodes]
        if not wheres:
            return None
        return Where(
            " AND ".join(f"({where.sql})" for where in wheres),
            [value for where in wheres for value in where.params],
        )

    def ids(self, query: Query, now: int) -> "array[int]":
        """Return the row ids that `query` shows, in its order. Raises FilterError."""
        pane = self.panes[query.pane]
        where = self.where(pane, query.filters(), now)
        order, rank = self._order(pane, query.sort or pane.default_sort)
        if where is None:
            return order
        sql = f"SELECT r.id FROM {pane.view} AS r WHERE {where.sql}"
        hits = [row[0] for row in self.db.execute(sql, where.params)]
        if len(hits) * 8 < len(order) or not rank:
            return array("q", sorted(hits, key=rank.__getitem__) if rank else hits)
        shown = bytearray(len(rank))
        for hit in hits:
            shown[hit] = 1
        return array("q", compress(order, map(shown.__getitem__, order)))

    def count(self, pane: Pane) -> int:
        return int(self.db.execute(f"SELECT count(*) FROM {pane.view}").fetchone()[0])

    def counts(self, pane_name: str, filters: Sequence[str], now: int) -> list[int]:
        """Return how many rows each of `filters` shows."""
        if not filters:
            return []
        pane = self.panes[pane_name]
        wheres = [self.where(pane, (text,), now) or Where("1", []) for text in filters]
        sums = ", ".join(f"sum({where.sql})" for where in wheres)
        values = [value for where in wheres for value in where.params]
        row = self.db.execute(f"SELECT {sums} FROM {pane.view} AS r", values).fetchone()
        return [count or 0 for count in row]

    def window(self, pane: Pane, ids: Sequence[int], now: int) -> dict[int, Row]:
        """Return the full rows of `ids`, with the names of their findings under `findings`."""
        if not ids:
            return {}
        rules = [(finding, self.where(pane, (finding.filter,), now)) for finding in pane.findings]
        asked = [(finding, where) for finding, where in rules if where is not None]
        columns = ", ".join(["r.*", *(f'({where.sql}) AS "is:{finding.name}"' for finding, where in asked)])
        marks = ", ".join("?" * len(ids))
        sql = f"SELECT {columns} FROM {pane.view} AS r WHERE r.id IN ({marks})"
        values = [value for _, where in asked for value in where.params]
        rows: dict[int, Row] = {}
        for found in self.db.execute(sql, [*values, *ids]):
            row: dict[str, Any] = dict(found)
            row["findings"] = tuple(finding for finding, _ in asked if row.pop(f"is:{finding.name}"))
            rows[row["id"]] = row
        return rows

    def row(self, pane_name: str, row_id: int, now: int) -> Row | None:
        return self.window(self.panes[pane_name], (row_id,), now).get(row_id)

    def find(self, pane_name: str, record: str) -> int | None:
        """Return the row id of the record with Atlassian's id `record`."""
        pane = self.panes[pane_name]
        found = self.db.execute(f"SELECT id FROM {pane.view} WHERE {pane.record} = ?", (record,)).fetchone()
        return int(found[0]) if found else None

    def records(self, pane_name: str, ids: Sequence[int]) -> dict[int, str]:
        """Return Atlassian's own ids of the rows `ids`."""
        pane = self.panes[pane_name]
        found: dict[int, str] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT id, {pane.record} FROM {pane.view} WHERE id IN ({marks})"
            found.update((row[0], row[1]) for row in self.db.execute(sql, list(part)))
        return found

    def marked(self, pane_name: str, records: Iterable[str]) -> None:
        """Let `is:marked` mean these records."""
        self.db.execute(f"DELETE FROM temp.marked_{pane_name}")
        self.db.executemany(f"INSERT INTO temp.marked_{pane_name} VALUES (?)", ((record,) for record in records))

    def rows_of(self, pane_name: str, records: Iterable[str]) -> set[int]:
        """Return the row ids of those `records` that are there."""
        self.marked(pane_name, records)
        pane = self.panes[pane_name]
        sql = f"SELECT id FROM {pane.view} WHERE {pane.record} IN (SELECT record FROM temp.marked_{pane_name})"
        return {row[0] for row in self.db.execute(sql)}

    def _order(self, pane: Pane, sort: tuple[str, ...]) -> "tuple[array[int], array[int]]":
        """Return all ids of a pane in order, and the place of each in it (empty where ids are sparse)."""
        version = int(self.db.execute("PRAGMA desk.data_version").fetchone()[0])
        cached = self._orders.get((pane.name, sort))
        if cached and cached[0] == version:
            return cached[1], cached[2]
        sql = f"SELECT id FROM {pane.view} ORDER BY {self._order_by(pane, sort)}"
        order = array("q", (row[0] for row in self.db.execute(sql)))
        rank: array[int] = array("q")
        if order and min(order) > 0:
            rank = array("q", bytes(8 * (max(order) + 1)))
            for place, row_id in enumerate(order):
                rank[row_id] = place
        self._orders[pane.name, sort] = (version, order, rank)
        return order, rank

    def _order_by(self, pane: Pane, sort: tuple[str, ...]) -> str:
        """Return the ORDER BY terms. What has no value stands last, whichever way the rest goes."""
        terms = []
        for name in sort:
            column = pane.column(name.removeprefix("-"))
            if column is None or column.kind == "findings":
                continue
            direction = "DESC" if name.startswith("-") else "ASC"
            terms.append(f"{column.order} {direction} NULLS LAST")
        return ", ".join([*terms, "id"])

"""Reads the rows of a pane: all ids in order, but full rows only for the few on screen."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tokendesk.errors import UsageError
from tokendesk.filtering.compile import Where
from tokendesk.filtering.tree import Node, Not
from tokendesk.model.findings import Finding, Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.snapshot.file import SnapshotInfo, read_info
from tokendesk.sqlite_limits import LimitedConnection
from tokendesk.views.connection import connect, damage, damaged_snapshot
from tokendesk.views.credential_reach import COLUMNS as CREDENTIAL_COLUMNS
from tokendesk.views.credential_reach import read_credential_reach
from tokendesk.views.panes import Pane, panes
from tokendesk.views.pending_changes import fill_pending_changes
from tokendesk.views.query import Query
from tokendesk.views.reach import COLUMNS, read_reach, ready_for
from tokendesk.views.renewal_reading import read_renewals
from tokendesk.views.renewal_tables import STATE, set_days
from tokendesk.views.search import Found, Order, all_hits, conjunction, count_hits, fetch_ids, first_hits, parse_filters

Row = Mapping[str, Any]

_LIVING = ("desk", "history")
"""The files that change while the snapshot stays the same."""


def _connect(paths: ProfilePaths, *, lenient: bool) -> tuple[ProfilePaths, LimitedConnection]:
    """Open the present snapshot, and return the places with it: it may be removed meanwhile, if two pulls end."""
    while True:
        kept = paths.keep_snapshot()
        try:
            db = connect(kept, lenient=lenient)
        except UsageError:
            if not _was_removed(kept, paths):
                raise
        else:
            if not _was_removed(kept, paths):
                return kept, db
            db.close()


def _was_removed(kept: ProfilePaths, paths: ProfilePaths) -> bool:
    return not kept.snapshot.exists() and paths.snapshot != kept.snapshot


class Reader:
    """A connection to one snapshot and desk. For one thread at a time; any thread may call `interrupt`."""

    def __init__(self, paths: ProfilePaths, thresholds: Thresholds, *, lenient: bool = False) -> None:
        """`lenient`: as for `connect`."""
        self.paths, self._db = _connect(paths, lenient=lenient)
        self.thresholds = thresholds
        self.panes = panes(thresholds)
        set_days(self._db, thresholds)
        self._laid_over = self._desk_version()
        try:
            is_there = self._db.execute("SELECT 1 FROM main.meta").fetchone()
            self.info: SnapshotInfo | None = read_info(self._db) if is_there else None
        except (sqlite3.DatabaseError, KeyError, TypeError, ValueError) as error:
            self.close()
            raise damaged_snapshot(self.paths, error) from error
        self._rules: dict[str, list[tuple[Finding, list[Node]]]] = {}
        self._orders: dict[tuple[str, tuple[str, ...]], tuple[tuple[int, ...], Order]] = {}

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, with pending changes up to date: a run may be under way."""
        version = self._desk_version()
        if version != self._laid_over:
            fill_pending_changes(self._db)
            self._laid_over = version
        return self._db

    def _desk_version(self) -> int:
        return int(self._db.execute("PRAGMA desk.data_version").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        ended = self._db.replacement_error(error)
        self.close()
        if ended is not None:
            raise ended from error
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.ProgrammingError):
            raise damage(self.paths, error) from error

    @property
    def has_desk(self) -> bool:
        """Whether the desk's file existed when it was attached."""
        return any(row["name"] == "desk" and row["file"] for row in self.db.execute("PRAGMA database_list"))

    def is_settled(self, pull_id: str) -> bool:
        """Return whether the history counts this pull."""
        return self._db.execute("SELECT 1 FROM history.completed WHERE pull_id = ?", (pull_id,)).fetchone() is not None

    def interrupt(self) -> None:
        """Stop the query under way, which then raises sqlite3.OperationalError."""
        self._db.interrupt()

    def where(self, pane: Pane, filters: Iterable[str], now: int) -> Where | None:
        """Return the condition for all `filters` together; raises FilterError."""
        where = conjunction(pane, parse_filters(pane, filters), now)
        if where is not None:
            ready_for(self.db, where.sql, now)
        return where

    def ids(self, query: Query, now: int) -> Sequence[int]:
        """Return the row ids of `query`, in order. Raises FilterError."""
        pane = self.panes[query.pane]
        nodes = parse_filters(pane, query.filters())
        order = self._order(pane, query.sort, now)
        return order.of(all_hits(self.db, pane, nodes, now)) if nodes else order.ids

    def first(self, query: Query, now: int, most: int) -> Found:
        """Return the first `most` ids, or all if that takes no longer. Raises FilterError."""
        pane = self.panes[query.pane]
        nodes = parse_filters(pane, query.filters())
        order = self._order(pane, query.sort, now)
        if not nodes:
            return Found(order.ids, True)
        found = first_hits(self.db, pane, nodes, now, order, most)
        return found or Found(order.of(all_hits(self.db, pane, nodes, now)), True)

    def count_found(self, query: Query, now: int) -> int:
        """Return the number of ids of `query`. Raises FilterError."""
        pane = self.panes[query.pane]
        match parse_filters(pane, query.filters()):
            case []:
                return self.count(pane)
            case [Not(item)]:  # what it leaves out is found by an index, it itself by a scan
                return self.count(pane) - count_hits(self.db, pane, [item], now)
            case nodes:
                return count_hits(self.db, pane, nodes, now)

    def count(self, pane: Pane) -> int:
        return len(self._order(pane, (), 0).ids)

    def living(self, pane: Pane) -> int:
        """Return the number of rows of a pane, without tokens revoked since the pull."""
        return self.count(pane) - (self.revoked() if pane.name == "tokens" else 0)

    def revoked(self) -> int:
        """Return how many tokens were revoked, or found to be gone, since the pull."""
        return int(self.db.execute("SELECT count(*) FROM temp.revoked_now").fetchone()[0])

    def counts(self, pane_name: str, filters: Sequence[str], now: int, within: str = "") -> list[int]:
        """Return how many of the rows matching `within` match each of `filters`."""
        if not filters:
            return []
        pane = self.panes[pane_name]
        wheres = [self.where(pane, (text,), now) or Where("1", []) for text in filters]
        sums = ", ".join(f"sum({where.sql})" for where in wheres)
        only = self.where(pane, (within,), now) or Where("1", [])
        values = [value for where in (*wheres, only) for value in where.params]
        row = self.db.execute(f"SELECT {sums} FROM {pane.view} AS r WHERE {only.sql}", values).fetchone()
        return [count or 0 for count in row]

    def window(self, pane: Pane, ids: Sequence[int], now: int, *, renewals: bool = False) -> dict[int, Row]:
        """Return the full rows of `ids`, with the names of their findings in `findings`.

        `renewals`: also in `renewal` how far the renewal of each is, which takes long where there are many tokens.
        """
        if not ids:
            return {}
        derived: Mapping[str, str] = {}
        if pane.name == "tokens":
            derived = COLUMNS
            read_reach(self.db, ids)
        elif pane.name == "credentials":
            derived = CREDENTIAL_COLUMNS
            read_credential_reach(self.db, ids)
        if renewals and pane.name in STATE:
            derived = {**derived, "renewal": STATE[pane.name]}
            read_renewals(self.db, now)
        rules = [(finding, conjunction(pane, nodes, now)) for finding, nodes in self._rules_of(pane)]
        asked = [(finding, where) for finding, where in rules if where is not None]
        more = [f"{sql} AS {name}" for name, sql in derived.items()]
        columns = ", ".join(["r.*", *more, *(f'({where.sql}) AS "is:{finding.name}"' for finding, where in asked)])
        sql = f"SELECT {columns} FROM {pane.view} AS r WHERE r.id IN (SELECT value FROM json_each(?))"
        values = [value for _, where in asked for value in where.params]
        rows: dict[int, Row] = {}
        for found in self.db.execute(sql, [*values, json.dumps(list(ids))]):
            row: dict[str, Any] = dict(found)
            row["findings"] = tuple(finding for finding, _ in asked if row.pop(f"is:{finding.name}"))
            rows[row["id"]] = row
        return rows

    def _rules_of(self, pane: Pane) -> list[tuple[Finding, list[Node]]]:
        """Return the findings of a pane with their filters, which are parsed once."""
        if pane.name not in self._rules:
            self._rules[pane.name] = [(finding, parse_filters(pane, (finding.filter,))) for finding in pane.findings]
        return self._rules[pane.name]

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
        """Set the records that `is:marked` matches."""
        self.db.execute(f"DELETE FROM temp.marked_{pane_name}")
        self.db.executemany(f"INSERT INTO temp.marked_{pane_name} VALUES (?)", ((record,) for record in records))

    def rows_of(self, pane_name: str, records: Iterable[str]) -> set[int]:
        """Return the row ids of the `records` that exist."""
        self.marked(pane_name, records)
        pane = self.panes[pane_name]
        sql = f"SELECT id FROM {pane.view} WHERE {pane.record} IN (SELECT record FROM temp.marked_{pane_name})"
        return {row[0] for row in self.db.execute(sql)}

    def _order(self, pane: Pane, sort: tuple[str, ...], now: int) -> Order:
        """Return all ids of a pane in order; cached until desk or history change."""
        version = tuple(int(self.db.execute(f"PRAGMA {name}.data_version").fetchone()[0]) for name in _LIVING)
        sort = sort or pane.default_sort
        cached = self._orders.get((pane.name, sort))
        if cached is not None and cached[0] == version:
            return cached[1]
        if pane.text and sort == pane.default_sort:
            order = self._stored_order(pane.text.table)
        else:
            sql = f"SELECT id FROM {pane.view} AS r ORDER BY {self._order_by(pane, sort)}"
            ready_for(self.db, sql, now)
            order = Order.of_rows(fetch_ids(self.db, sql, ()))
        self._orders[pane.name, sort] = (version, order)
        return order

    def _stored_order(self, table: str) -> Order:
        """Return all row ids in their own order: they start at 1 without gaps."""
        return Order(range(1, (self.db.execute(f"SELECT max(id) FROM main.{table}").fetchone()[0] or 0) + 1))

    def _order_by(self, pane: Pane, sort: tuple[str, ...]) -> str:
        """Return the ORDER BY terms. Rows without a value come last in both directions."""
        terms = []
        for name in sort:
            column = pane.column(name.removeprefix("-"))
            if column is None or column.kind == "findings":
                continue
            direction = "DESC" if name.startswith("-") else "ASC"
            terms += [f"{sql} {direction} NULLS LAST" for sql in column.order]
        return ", ".join([*terms, "id"])

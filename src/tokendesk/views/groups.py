"""Counts the rows of a pane by the values of one or two columns."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tokendesk.filtering.compile import Where
from tokendesk.views.grouping import Dimension, Value, dimension
from tokendesk.views.query import Query
from tokendesk.views.reach import ready_for
from tokendesk.views.reader import Reader

MOST_VALUES = 10_000
"""Beyond, only the number of values is told."""
ORDERS = ("rows", "value", "value2", "in_use", "undecided")


@dataclass(frozen=True, slots=True)
class Group:
    """`keys`: of the values, as the database has them. `condition`: the filter for exactly these rows.

    `in_use`, `undecided`: None where the pane does not have it. `marked`: how many rows are marked on screen.
    """

    keys: tuple[Any, ...]
    values: tuple[Value, ...]
    rows: int
    in_use: int | None = None
    undecided: int | None = None
    marked: int = 0

    @property
    def condition(self) -> str:
        return " ".join(value.condition for value in self.values)


@dataclass(frozen=True, slots=True)
class Groups:
    """`titles`: of the columns. `total`: all rows, each once. `repeats`: a row may be in several groups.

    `values`: how many there are; with more than MOST_VALUES there are no `groups`. `order`: that of `groups`.
    """

    titles: tuple[str, ...]
    groups: tuple[Group, ...]
    total: int
    repeats: bool
    values: int
    order: str


class _KeyedRows(NamedTuple):
    """The rows of a query with the keys of their groups: `keys` in SELECT, `source` from FROM to WHERE."""

    dimensions: Sequence[Dimension]
    keys: Where
    source: Where

    @property
    def may_repeat(self) -> bool:
        """Whether a row may come twice within a group."""
        return not all(each.is_distinct for each in self.dimensions)


def count_groups(
    reader: Reader, query: Query, by: Sequence[str], now: int, order: str = "", marks: Collection[str] = ()
) -> Groups:
    """Count the rows of `query` by the columns `by`, one or two; and those whose records are among `marks`.

    `order`: one of ORDERS, with `-` for descending; without one times stand in their order, else most rows first.
    Raises FilterError, and UsageError for a column that cannot be grouped by.
    """
    rows = _keyed_rows(reader, query, by, now)
    measures = [_count_of(measure, rows.may_repeat) for measure in _measures(reader, query.pane, now, marks)]
    shown = ", ".join(f"min({each.shown})" for each in rows.dimensions)
    counted = ", ".join(["count(DISTINCT r.id)" if rows.may_repeat else "count(*)", *(each.sql for each in measures)])
    places = ", ".join(str(place) for place, _ in enumerate(by, 1))
    sql = f"SELECT {rows.keys.sql}, {shown}, {counted} {rows.source.sql} GROUP BY {places} LIMIT {MOST_VALUES + 1}"
    params = [*rows.keys.params, *(param for each in measures for param in each.params), *rows.source.params]
    found = reader.db.execute(sql, params).fetchall()
    values = len(found)
    if values > MOST_VALUES:
        sql = f"SELECT count(*) FROM (SELECT DISTINCT {rows.keys.sql} {rows.source.sql})"
        values = reader.db.execute(sql, [*rows.keys.params, *rows.source.params]).fetchone()[0]
        found = []
    order = order or ("value" if rows.dimensions[0].is_time else "-rows")
    return Groups(
        tuple(each.title for each in rows.dimensions),
        tuple(sort_groups((_group(row, rows.dimensions) for row in found), order)),
        reader.count_found(query, now),
        any(each.repeats for each in rows.dimensions),
        values,
        order,
    )


def records_in(
    reader: Reader, query: Query, by: Sequence[str], now: int, keys: Collection[tuple[Any, ...]]
) -> set[str]:
    """Return Atlassian's ids of the rows of `query` that are in the groups with these `keys`. Raises FilterError."""
    rows, record = _keyed_rows(reader, query, by, now), reader.panes[query.pane].record
    sql = f"SELECT r.{record}, {rows.keys.sql} {rows.source.sql}"
    found = reader.db.execute(sql, [*rows.keys.params, *rows.source.params])
    return {row[0] for row in found if tuple(row)[1:] in keys}


def _keyed_rows(reader: Reader, query: Query, by: Sequence[str], now: int) -> _KeyedRows:
    pane = reader.panes[query.pane]

    def where(text: str) -> Where:
        return reader.where(pane, (text,), now) or Where("1", [])

    policies = {row[0]: (row[1], row[2]) for row in reader.db.execute(_POLICIES)}
    found = [dimension(pane, name, reader.thresholds, where, policies) for name in by]
    keys = Where(", ".join(each.key.sql for each in found), [param for each in found for param in each.key.params])
    within = reader.where(pane, query.filters(), now) or Where("1", [])
    source = " ".join([f"FROM {pane.view} AS r", *(each.join.sql for each in found), "WHERE", within.sql])
    params = [*(param for each in found for param in each.join.params), *within.params]
    ready_for(reader.db, f"{keys.sql} {source}", now)
    return _KeyedRows(found, keys, Where(source, params))


_POLICIES = "SELECT id, policy_id, name FROM temp.policy_name WHERE policy_id IS NOT NULL"
_MEASURES = {
    "tokens": ("is:in-use", "is:undecided -is:revoked"),
    "users": ("used:<{}d", ""),
    "credentials": ("used:<{}d", "is:undecided -is:revoked"),
}


def _measures(reader: Reader, pane_name: str, now: int, marks: Collection[str]) -> Sequence[Where | None]:
    """Return the conditions of in_use, undecided and marked."""
    pane = reader.panes[pane_name]
    texts = [text.format(reader.thresholds.in_use) for text in _MEASURES.get(pane_name, ("", ""))]
    marked = Where(f"r.{pane.record} IN (SELECT value FROM json_each(?))", [json.dumps([*marks])]) if marks else None
    return [*(reader.where(pane, (text,), now) if text else None for text in texts), marked]


def _count_of(measure: Where | None, may_repeat: bool) -> Where:
    """Return the SQL that counts the rows of a group that meet `measure`."""
    if measure is None:
        return Where("NULL", [])
    sql = f"count(DISTINCT CASE WHEN {measure.sql} THEN r.id END)" if may_repeat else f"sum({measure.sql})"
    return Where(sql, measure.params)


def _group(row: Sequence[Any], dimensions: Sequence[Dimension]) -> Group:
    columns = tuple(row)
    keys, shown, counts = columns[: len(dimensions)], columns[len(dimensions) :], columns[2 * len(dimensions) :]
    values = tuple(each.value(key, text) for each, key, text in zip(dimensions, keys, shown, strict=False))
    rows, in_use, undecided, marked = counts
    return Group(keys, values, rows, in_use, undecided, marked or 0)


def _rotated(group: Group, first: int) -> Sequence[Value]:
    return (*group.values[first:], *group.values[:first])


def sort_groups(groups: Iterable[Group], order: str) -> list[Group]:
    """Return the groups in an order of ORDERS, with `-` in front for descending; equal ones by their values.

    `value2` begins with the second value. What has no value comes last in both directions.
    """
    name, is_down = order.removeprefix("-"), order.startswith("-")
    first = 1 if name == "value2" else 0
    is_by_value = name.startswith("value")
    by_value = sorted(
        groups,
        key=lambda group: [value.order[1:] for value in _rotated(group, first)],
        reverse=is_down and is_by_value,
    )
    by_value.sort(key=lambda group: [value.order[0] for value in _rotated(group, first)])
    if is_by_value:
        return by_value
    return sorted(by_value, key=lambda group: getattr(group, name) or 0, reverse=is_down)

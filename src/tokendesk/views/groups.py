"""Counts the rows of a pane by the values of one or two columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokendesk.filtering.compile import Where
from tokendesk.views.grouping import Dimension, Value, dimension
from tokendesk.views.panes import Pane
from tokendesk.views.query import Query
from tokendesk.views.reach import ready_for
from tokendesk.views.reader import Reader

MOST_VALUES = 10_000
"""Beyond, only the number of values is told."""
ORDERS = ("rows", "value", "in_use", "undecided")


@dataclass(frozen=True, slots=True)
class Group:
    """`condition`: the filter for exactly these rows. `in_use`, `undecided`: None where the pane does not have it."""

    values: tuple[Value, ...]
    rows: int
    in_use: int | None = None
    undecided: int | None = None

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


def count_groups(reader: Reader, query: Query, by: Sequence[str], now: int, order: str = "") -> Groups:
    """Count the rows of `query` by the columns `by`, one or two.

    `order`: one of ORDERS, with `-` for descending; without one times stand in their order, else most rows first.
    Raises FilterError, and UsageError for a column that cannot be grouped by.
    """
    pane = reader.panes[query.pane]

    def where(text: str) -> Where:
        return reader.where(pane, (text,), now) or Where("1", [])

    policies = {row[0]: (row[1], row[2]) for row in reader.db.execute(_POLICIES)}
    found = [dimension(pane, name, reader.thresholds, where, policies) for name in dict.fromkeys(by)]
    twice = not all(each.is_distinct for each in found)
    measures = [
        where(text.format(reader.thresholds.in_use)) if text else None for text in _MEASURES.get(pane.name, ("", ""))
    ]
    rows = "count(DISTINCT r.id)" if twice else "count(*)"
    counted = [_count_of(measure, twice) for measure in measures]
    columns = [f"{each.key.sql}, min({each.shown})" for each in found]
    source = _source(pane, found)
    within = reader.where(pane, query.filters(), now) or Where("1", [])
    keys = ", ".join(str(2 * place + 1) for place in range(len(found)))
    sql = f"SELECT {', '.join([*columns, rows, *counted])} FROM {source} WHERE {within.sql} GROUP BY {keys}"
    keyed = [param for each in found for param in each.key.params]
    joined = [param for each in found for param in each.join.params]
    params = [*keyed, *(param for measure in measures if measure for param in measure.params), *joined, *within.params]
    ready_for(reader.db, sql)
    read = reader.db.execute(f"{sql} LIMIT {MOST_VALUES + 1}", params).fetchall()
    values = len(read)
    if values > MOST_VALUES:
        counting = f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(each.key.sql for each in found)}"
        sql = f"{counting} FROM {source} WHERE {within.sql})"
        values = reader.db.execute(sql, [*keyed, *joined, *within.params]).fetchone()[0]
        read = []
    groups = [_group(row, found) for row in read]
    order = order or ("value" if found[0].is_time else "-rows")
    return Groups(
        tuple(each.title for each in found),
        tuple(sort_groups(groups, order)),
        reader.count_found(query, now),
        any(each.repeats for each in found),
        values,
        order,
    )


def _turned(group: Group, first: int) -> Sequence[Value]:
    return (*group.values[first:], *group.values[:first])


_POLICIES = "SELECT id, policy_id, name FROM temp.policy_name WHERE policy_id IS NOT NULL"
_MEASURES = {"tokens": ("is:in-use", "is:undecided -is:revoked"), "users": ("used:<{}d", "")}


def _count_of(measure: Where | None, twice: bool) -> str:
    """Return the SQL that counts the rows of a group that meet `measure`; `twice`: a row may come twice."""
    if measure is None:
        return "NULL"
    return f"count(DISTINCT CASE WHEN {measure.sql} THEN r.id END)" if twice else f"sum({measure.sql})"


def _source(pane: Pane, found: Sequence[Dimension]) -> str:
    return " ".join([f"{pane.view} AS r", *(each.join.sql for each in found)])


def _group(row: Sequence[object], found: Sequence[Dimension]) -> Group:
    values = tuple(each.value(row[2 * place], row[2 * place + 1]) for place, each in enumerate(found))
    rows, in_use, undecided = tuple(row)[2 * len(found) :]
    return Group(values, _number(rows) or 0, _number(in_use), _number(undecided))


def _number(found: object) -> int | None:
    return found if isinstance(found, int) else None


def sort_groups(groups: Iterable[Group], order: str) -> list[Group]:
    """Return the groups in an order of ORDERS, with `-` in front for descending; equal ones by their values.

    `value2` begins with the second value. What has no value comes last in both directions.
    """
    name, is_down = order.removeprefix("-"), order.startswith("-")
    first = 1 if name == "value2" else 0
    is_by_value = name.startswith("value")
    by_value = sorted(
        groups,
        key=lambda group: [value.order[1:] for value in _turned(group, first)],
        reverse=is_down and is_by_value,
    )
    by_value.sort(key=lambda group: [value.order[0] for value in _turned(group, first)])
    if is_by_value:
        return by_value
    return sorted(by_value, key=lambda group: getattr(group, name) or 0, reverse=is_down)

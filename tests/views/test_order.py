"""The order of rows by every column of every pane, compared with Python's sorting of the same records."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.practice import NOW
from tests.views.filters_made import FIELDS, Record, plain
from tests.views.records_made import Records
from tokendesk.model.findings import Thresholds
from tokendesk.views.panes import panes
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

SECOND = int(NOW.timestamp())
FIELD_OF = {
    ("tokens", "reach"): "_reach",
    ("users", "access"): "_access",
    ("users", "token_used"): "used", ("changes", "when"): "at", ("changes", "what"): "kind",
    ("journal", "title"): "kind", ("journal", "author"): "by", ("credentials", "reach"): "_reach",
    ("credentials", "maker_email"): "maker.email", ("credentials", "maker_status"): "maker.status",
    ("credentials", "account_id"): "account.id", ("credentials", "maker_id"): "maker.id",
}  # fmt: skip
"""The fields that columns of another name show."""
COLUMNS = [
    (pane.name, column.name)
    for pane in panes(Thresholds()).values()
    for column in pane.columns
    if column.kind != "findings" and (pane.name, column.name) != ("journal", "verified")
]


def shown(reader: Reader, pane: str, *sort: str) -> list[str]:
    ids = reader.ids(Query(pane, sort=sort), SECOND)
    records = reader.records(pane, ids)
    return [records[row_id] for row_id in ids]


@cache
def rows_of(reader: Reader, pane: str) -> list[Row]:
    view = reader.panes[pane]
    ids = [row[0] for row in reader.db.execute(f"SELECT id FROM {view.view}")]
    return [*reader.window(view, ids, SECOND, renewals=True).values()]


def by(reader: Reader, records: dict[str, Record], pane: str, column: str) -> Callable[[str], Any]:
    """Return the value to sort by: that of the filter's field of the same meaning, else what the row has."""
    name = FIELD_OF.get((pane, column), column)
    view = reader.panes[pane]
    there = view.column(column)
    assert there
    sent = {row[view.record]: row[there.key] for row in rows_of(reader, pane)}

    def value(record: str) -> Any:
        found = next(iter(records[record][name]), None) if name in records[record] else sent[record]
        return None if found in (None, "") else plain(found) if isinstance(found, str) else found

    return value


def in_order(records: list[str], value: Callable[[str], Any], *, down: bool) -> list[str]:
    """Sort as a person would: what has no value last, equal ones as they stood."""
    there = [record for record in records if value(record) is not None]
    return sorted(there, key=value, reverse=down) + [record for record in records if value(record) is None]


@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(("pane", "column"), COLUMNS)
def test_rows_stand_in_the_order_of_a_column(told: tuple[Reader, Records], pane: str, column: str, down: bool) -> None:
    reader, records = told[0], told[1][pane]
    ids = reader.db.execute(f"SELECT {reader.panes[pane].record} FROM {reader.panes[pane].view} ORDER BY id")
    stood = [str(row[0]) for row in ids]
    expected = in_order(stood, by(reader, records, pane, column), down=down)
    assert shown(reader, pane, f"-{column}" if down else column) == expected


@pytest.mark.parametrize("pane", FIELDS)
def test_a_second_column_orders_what_the_first_leaves_equal(told: tuple[Reader, Records], pane: str) -> None:
    reader, records = told[0], told[1][pane]
    view = reader.panes[pane]
    stood = [str(row[0]) for row in reader.db.execute(f"SELECT {view.record} FROM {view.view} ORDER BY id")]
    columns = [column for name, column in COLUMNS if name == pane]
    for place, first in enumerate(columns):
        second = columns[(place + 1) % len(columns)]
        for turned in (False, True):
            expected = in_order(stood, by(reader, records, pane, second), down=not turned)
            expected = in_order(expected, by(reader, records, pane, first), down=turned)
            sort = (f"-{first}" if turned else first, second if turned else f"-{second}")
            assert shown(reader, pane, *sort) == expected, sort

"""Filters for every field and flag of every pane, compared with plain Python on the same records."""

import pytest

from tests.practice import NOW
from tests.views.filters_made import FIELDS, FLAGS, asks
from tests.views.records_made import Records
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())


@pytest.mark.parametrize("pane", FIELDS)
def test_filters_made_for_every_field_find_what_plain_python_finds(told: tuple[Reader, Records], pane: str) -> None:
    reader, records = told[0], told[1][pane]
    made = asks(pane, list(records.values()))
    narrowing, differing = 0, {}
    for text, holds in made:
        ids = reader.ids(Query(pane, filter=text), PRESENT)
        assert reader.count_found(Query(pane, filter=text), PRESENT) == len(ids), text
        found = set(reader.records(pane, ids).values())
        expected = {key for key, record in records.items() if holds(record)}
        narrowing += 0 < len(expected) < len(records)
        if found != expected:
            differing[text] = (len(found), len(expected), sorted(found ^ expected)[:3])
    assert not differing
    assert len(made) >= 100
    assert narrowing > len(made) / 2


@pytest.mark.parametrize("pane", FIELDS)
def test_filters_are_made_for_all_fields_and_flags(told: tuple[Reader, Records], pane: str) -> None:
    table = told[0].panes[pane].fields
    assert {field.name for field in table.fields} == set(FIELDS[pane])
    assert set(table.flags) == {*FLAGS[pane], "marked"}

"""Properties of every typed text, with the real fields of every pane and a real profile."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.practice import NOW
from tests.views.filters_made import FIELDS, FLAGS
from tests.views.records_made import Records
from tokendesk.filtering.compile import compile_filter
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.format import write
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import (
    And,
    Condition,
    Date,
    Duration,
    Node,
    Not,
    Number,
    Or,
    Range,
    Text,
    Value,
    Word,
    WordPattern,
)
from tokendesk.model.text import fold
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

SECOND = int(NOW.timestamp())
NAMES = sorted({name for fields in FIELDS.values() for name in fields} | {"is", "has", "owner", "policy", "at", "to"})
VALUES = (
    *("90d", "1y6mo", "12h", "2024", "2026-05", "2026-11-20", "today", "yesterday", "never", "none", "any", "3"),
    *("4.5", "ada", "büro", "ALLOWED", "Default", '"a b"', '"\'; DROP TABLE token; --"', "%", "_", "é", "\u0301"),
    *("*", "a*", "*d*t", "[*]?", '"a*"'),
    *sorted({name for flags in FLAGS.values() for name in flags} | {"marked"}),
)  # fmt: skip
CONDITIONS = st.builds(
    "{}{}{}".format,
    st.sampled_from(NAMES),
    st.sampled_from([":", ":", ":", "=", "<", "<=", ">", ">=", ":>", ":<="]),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=3).flatmap(
        lambda values: st.sampled_from([",".join(values), "..".join(values[:2]), f"..{values[0]}", values[0]])
    ),
)
WORDS = st.sampled_from(
    ["svc", "a", "ø", '"nightly export"', '"or"', "%", "'", "http://x", "--x", "a*", "s*-*c", "--x*", "*"]
)
FILTERS = st.recursive(
    CONDITIONS | WORDS,
    lambda parts: st.one_of(
        parts.map("-({})".format),
        st.builds("{} {}".format, parts, parts),
        st.builds("({}) or {}".format, parts, parts),
    ),
    max_leaves=5,
)
SHREDS = st.lists(
    st.sampled_from([*NAMES, *VALUES, *":=<>,()\"\\-*", "..", " or ", " not ", " ", "\x1b[31m", "\n", "?", ";"])
    | st.text(max_size=3),
    max_size=15,
).map("".join)  # fmt: skip
PANES = st.sampled_from(sorted(FIELDS))

often = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def reader(told: tuple[Reader, Records]) -> Reader:
    return told[0]


@given(pane=PANES, text=FILTERS | SHREDS)
@often
def test_every_text_finds_rows_in_every_way_of_asking_or_is_refused(reader: Reader, pane: str, text: str) -> None:
    query = Query(pane, filter=text)
    try:
        ids = list(reader.ids(query, SECOND))
    except FilterError as error:
        assert 0 <= error.start <= error.end <= len(text)
        return
    assert list(reader.first(query, SECOND, len(ids) + 1).ids) == ids
    assert reader.counts(pane, [text], SECOND) == [len(ids)], (pane, text)
    if text.strip() and text.count("(") + text.count("-") < 6:  # one level deeper is not too deep then
        others = set(reader.ids(Query(pane, filter=f"-({text}\n)"), SECOND))
        assert not others & set(ids)
        assert len(others) + len(ids) == reader.count(reader.panes[pane])


@given(pane=PANES, text=FILTERS | SHREDS)
@often
def test_a_text_written_again_means_the_same(reader: Reader, pane: str, text: str) -> None:
    table = reader.panes[pane].fields
    try:
        tree = parse(text, table)
    except FilterError:
        return
    again = write(tree)
    assert parse(again, table) == tree
    assert write(parse(again, table)) == again


def blank(node: Node | None, flags: tuple[str, ...] = ("is", "has")) -> Node | None:
    """Return the filter with another value of the same kind wherever somebody can type one."""
    match node:
        case And(items) | Or(items):
            return type(node)(tuple(found for item in items if (found := blank(item)) is not None))
        case Not(item):
            return Not(blank(item) or item)
        case Word(text):
            # A word of accents alone is nothing to look for, and one of two letters asks no index.
            return Word(("zzzz" if len(fold(text)) > 2 else "z") if fold(text) else text)
        case WordPattern():
            return node
        case Condition(field, op, values):
            return node if field in flags else Condition(field, op, tuple(_other(value) for value in values))
    return None


def _other(value: Value) -> Value:
    match value:
        case Range(low, high):
            return Range(low and _other(low), high and _other(high))
        case Text():
            return Text("zzzz")
        case Number():
            return Number("7")
        case Duration():
            return Duration("5d")
        case Date():
            return Date("2025-02-03")
    return value


@given(pane=PANES, text=FILTERS | SHREDS, scanning=st.booleans())
@often
def test_the_sql_is_the_same_whatever_values_were_typed(reader: Reader, pane: str, text: str, scanning: bool) -> None:
    table = reader.panes[pane].fields
    try:
        tree = parse(text, table)
    except FilterError:
        return
    typed = compile_filter(tree, table, SECOND, scanning=scanning)
    other = compile_filter(blank(tree), table, SECOND, scanning=scanning)
    assert typed.sql == other.sql
    assert len(typed.params) == len(other.params)

"""Properties of filters that hold for every input."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tokendesk.filtering.compile import compile_filter
from tokendesk.filtering.complete import complete
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import FieldTable
from tokendesk.filtering.format import add, conditions, drop_last, quote, write
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import And, Condition, Text, Word
from tokendesk.model.text import fold

Database = Callable[..., sqlite3.Connection]
Row = dict[str, Any]
Rule = tuple[str, Callable[[Row], bool]]

DAY = 86_400
NOW = 1_790_000_000
TODAY = datetime.fromtimestamp(NOW, UTC).date()

quick = settings(max_examples=200, deadline=None)

# Pieces of the language, so that random text comes near to meaning something.
PIECES = st.sampled_from(
    [
        *("owner", "label", "tokens", "used", "idle", "expires", "review", "tag", "part.used", "status", "is", "has"),
        *(
            ":",
            "=",
            "<",
            ">",
            "<=",
            ":>",
            "..",
            ",",
            "-",
            "*",
            "*",
            "(",
            ")",
            '"',
            "\\",
            " ",
            " ",
            " or ",
            " not ",
            "and",
        ),
        *("90d", "1y6mo", "2024", "2024-05", "2024-05-31", "today", "never", "none", "any", "3", "4.5", "stale"),
        *("http://x", "é", "日", "\u0301", "'; DROP TABLE token; --", "?", "%", "\x1b[31m", "\n"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join) | st.text(max_size=60)


@given(TEXTS)
@quick
def test_no_text_does_anything_but_mean_something_or_raise_a_filter_error(
    table: FieldTable, database: Database, text: str
) -> None:
    base = database({"label": "x", "owner": None, "tags": ["a"], "parts": [None]})
    try:
        tree = parse(text, table)
        sql, params = compile_filter(tree, table, NOW)
    except FilterError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert "\n" not in str(error)
        assert len(error.pointer(text).split("\n")) == 2
        return
    base.execute(f"SELECT id FROM token WHERE {sql}", params).fetchall()
    base.close()
    again = write(tree)
    assert parse(again, table) == tree
    assert write(parse(again, table)) == again


@given(st.text(min_size=1, max_size=40).filter(lambda t: "\0" not in t and fold(t)))
@quick
def test_what_is_typed_never_becomes_sql(table: FieldTable, text: str) -> None:
    hostile = f"zq{text}"
    value = quote(hostile)
    tree = parse(f"{write(Word(hostile))} owner:={value} tag:{value} label:{value}", table)
    sql, params = compile_filter(tree, table, NOW)
    assert "zq" not in sql
    assert sql == compile_filter(parse("a owner:=a tag:a label:a", table), table, NOW).sql
    assert params == [fold(hostile)] * 5


@given(st.text(min_size=1, max_size=30).filter(lambda t: "\0" not in t))
@quick
def test_a_quoted_value_is_read_as_it_was(table: FieldTable, value: str) -> None:
    assert parse(f"owner:{quote(value)}", table) == Condition("owner", ":", (Text(value),))
    assert parse(f"owner={quote(value)} x", table).items[0].values[0].text == value  # type: ignore[union-attr]


@given(TEXTS, st.integers(-2, 80))
@quick
def test_the_helpers_of_the_screen_bear_any_text(table: FieldTable, text: str, cursor: int) -> None:
    found = complete(text, cursor, table)
    assert 0 <= found.start <= found.end <= len(text)
    for candidate in found.candidates:
        found.insert(text, candidate)
    for chip in conditions(text, table):
        assert text[chip.start : chip.end] == chip.text
    shorter = drop_last(text, table)
    assert len(shorter) < len(text) or not text
    try:
        tree = parse(text, table)
        parse(shorter, table)
    except FilterError:
        return
    assert len(conditions(shorter, table)) == max(0, len(conditions(text, table)) - 1)
    more = parse(add(text, "owner:zq or zq"), table)
    if tree is not None:
        assert isinstance(more, And)
        assert more.items[-1] == parse("owner:zq or zq", table)


def ages(field: str) -> st.SearchStrategy[Rule]:
    def rule(sign: str, days: int) -> Rule:
        def holds(row: Row) -> bool:
            if row[field] is None:
                return False
            age: int = NOW - row[field]
            was = age >= -DAY  # what is further ahead has not been
            young = {"<": was and age < days * DAY, "<=": was and age <= days * DAY}
            return {**young, ">": age > days * DAY, ">=": age >= days * DAY}[sign]

        return f"{field}:{sign}{days}d", holds

    return st.builds(rule, st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 6))


def time_left(sign: str, days: int) -> Rule:
    def holds(row: Row) -> bool:
        left: int | None = None if row["expires"] is None else row["expires"] - NOW
        if left is None or left < 0:
            return False
        return {"<": left < days * DAY, "<=": left <= days * DAY, ">": left > days * DAY, ">=": left >= days * DAY}[
            sign
        ]

    return f"expires:{sign}{days}d", holds


def on_days(field: str) -> st.SearchStrategy[Rule]:
    def rule(sign: str, offset: int) -> Rule:
        day = TODAY + timedelta(days=offset)

        def holds(row: Row) -> bool:
            if row[field] is None:
                return False
            value = row[field]
            is_text = isinstance(value, str)
            there = datetime.fromisoformat(value).date() if is_text else datetime.fromtimestamp(value, UTC).date()
            return {"": there == day, "<": there < day, "<=": there <= day, ">": there > day, ">=": there >= day}[sign]

        return f"{field}:{sign}{day.isoformat()}", holds

    return st.builds(rule, st.sampled_from(["", "<", "<=", ">", ">="]), st.integers(-4, 4))


def holding(field: str) -> st.SearchStrategy[Rule]:
    def rule(values: list[str]) -> Rule:
        return f"{field}:{','.join(values)}", lambda row: any(v in fold(row[field] or "") for v in values)

    return st.builds(rule, st.lists(st.sampled_from(["ada", "bo", "e"]), min_size=1, max_size=2))


def fitting(field: str, op: str) -> st.SearchStrategy[Rule]:
    """`*` in a value, compared with what `fnmatch` of Python's library says."""

    def rule(pattern: str) -> Rule:
        around = "" if op == "=" else "*"

        def holds(row: Row) -> bool:
            value = fold(row[field] or "")
            return bool(value) and fnmatchcase(value, f"{around}{pattern}{around}")

        return f"{field}:{op}{pattern}", holds

    return st.builds(rule, st.sampled_from(["*", "b*", "*a", "a*d*a", "*o*", "bo*ada", "x*", "a**s"]))


def number_range(low: int, more: int) -> Rule:
    return f"tokens:{low}..{low + more}", lambda row: row["tokens"] is not None and low <= row["tokens"] <= low + more


def tagged(tag: str) -> Rule:
    return f"tag:{tag}", lambda row: tag in [fold(t) for t in row["tags"]]


def missing(field: str) -> Rule:
    return f"{field}:never", lambda row: not row[field]


def word(text: str) -> Rule:
    return text, lambda row: any(text in fold(row[name] or "") for name in ("label", "owner"))


def word_pattern(pattern: str) -> Rule:
    return (
        pattern,
        lambda row: (
            pattern == "*" or any(fnmatchcase(fold(row[name] or ""), f"*{pattern}*") for name in ("label", "owner"))
        ),
    )


def negated(rule: Rule) -> Rule:
    return f"-({rule[0]})", lambda row: not rule[1](row)


def together(one: Rule, other: Rule, joint: str) -> Rule:
    return f"({one[0]}){joint}({other[0]})", lambda row: one[1](row) and other[1](row)


def either(one: Rule, other: Rule) -> Rule:
    return f"{one[0]} or {other[0]}", lambda row: one[1](row) or other[1](row)


RULES = st.recursive(
    st.one_of(
        ages("used"),
        st.builds(time_left, st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 6)),
        on_days("used"),
        on_days("expires"),
        on_days("review"),
        holding("owner"),
        fitting("owner", ""),
        fitting("owner", "="),
        st.builds(number_range, st.integers(0, 3), st.integers(0, 2)),
        st.builds(tagged, st.sampled_from(["ci", "nas"])),
        st.builds(missing, st.sampled_from(["used", "expires", "review", "owner"])),
        st.builds(word, st.sampled_from(["ada", "bo", "x"])),
        st.builds(word_pattern, st.sampled_from(["a*a", "b*", "*'s*x", "o*o", "*"])),
    ),
    lambda rules: st.one_of(
        st.builds(negated, rules),
        st.builds(together, rules, rules, st.sampled_from([" ", " and ", ""])),
        st.builds(either, rules, rules),
    ),
    max_leaves=4,
)

MOMENTS = st.none() | st.integers(-5, 5).map(lambda d: NOW + d * DAY) | st.integers(NOW - 5 * DAY, NOW + 5 * DAY)
ROWS = st.fixed_dictionaries(
    {
        "label": st.sampled_from([None, "", "x", "Ada's X"]),
        "owner": st.sampled_from([None, "", "Bo", "Ádá", "Bo and ADA"]),
        "status": st.none(),
        "tokens": st.none() | st.integers(0, 5),
        "used": MOMENTS,
        "created": st.none(),
        "expires": MOMENTS,
        "review": st.none() | st.integers(-5, 5).map(lambda d: (TODAY + timedelta(days=d)).isoformat()),
        "tags": st.lists(st.sampled_from(["CI", "nas"]), unique=True),
    }
)


@given(RULES, st.lists(ROWS, min_size=1, max_size=8))
@quick
def test_sqlite_finds_the_rows_that_plain_python_finds(
    table: FieldTable, database: Database, rule: Rule, rows: list[Row]
) -> None:
    text, holds = rule
    base = database(*rows)
    sql, params = compile_filter(parse(text, table), table, NOW)
    found = [row[0] for row in base.execute(f"SELECT id FROM token WHERE {sql} ORDER BY id", params)]
    base.close()
    assert found == [number for number, row in enumerate(rows, 1) if holds(row)]

"""Edits of a filter text: chips, dropping, adding, keeping a value, completing, and the help from the field table."""

import subprocess
import sys

import pytest

from tokendesk.filtering.complete import complete
from tokendesk.filtering.fields import FieldTable
from tokendesk.filtering.format import add, conditions, drop_last, excluding_condition, matching_condition, quote
from tokendesk.filtering.parse import parse
from tokendesk.filtering.reference import SYNTAX, reference


@pytest.mark.parametrize(
    ("text", "chips"),
    [
        ("", []),
        ("deploy", ["deploy"]),
        ("  deploy  owner:bo and  -tag:ci", ["deploy", "owner:bo", "-tag:ci"]),
        ("not tag:ci idle>90d", ["not tag:ci", "idle>90d"]),
        ("a (b or c) -(d e)", ["a", "(b or c)", "-(d e)"]),
        ("a or b", ["a or b"]),
        ("(a b)", ["a", "b"]),
        ('owner:"Bo Test" "x y"', ['owner:"Bo Test"', '"x y"']),
        (" a polcy:x ", ["a polcy:x"]),
    ],
)
def test_chips_are_the_conditions_as_typed(table: FieldTable, text: str, chips: list[str]) -> None:
    found = conditions(text, table)
    assert [chip.text for chip in found] == chips
    assert all(text[chip.start : chip.end] == chip.text for chip in found)


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("", ""),
        ("a", ""),
        ("a or b", ""),
        ("a  b", "a"),
        ("a and b", "a"),
        ("a not b", "a"),
        ("a and -b", "a"),
        ("a (b or c)", "a"),
        ("(a b) (c d)", "(a b)"),
        ("(a b)", "(a)"),
        ('owner:"Bo Test" label:"x y"', 'owner:"Bo Test"'),
        ("a polcy:x", "a"),
        ("a or polcy:x", "a"),
        ('a owner:"Bo T', "a"),
        ("polcy:x", ""),
    ],
)
def test_backspace_drops_the_last_condition(table: FieldTable, text: str, shorter: str) -> None:
    assert drop_last(text, table) == shorter


@pytest.mark.parametrize(
    ("text", "condition", "both"),
    [
        ("", "tag:ci", "tag:ci"),
        ("a", "", "a"),
        ("a", "tag:ci", "a tag:ci"),
        ("a or b", "tag:ci", "(a or b) tag:ci"),
        ("a", "b or c", "a (b or c)"),
        ("(a or b) c", "d", "(a or b) c d"),
        ('"a or b"', "d", '"a or b" d'),
        ("tag:ci a", "tag:ci", "tag:ci a"),
        ("a -tag:ci", "-tag:ci", "a -tag:ci"),
        ("a -tag:ci", "tag:ci", "a -tag:ci tag:ci"),
        ("a (tag:ci)", "tag:ci", "a (tag:ci) tag:ci"),
    ],
)
def test_adding_a_condition_narrows_what_is_there(table: FieldTable, text: str, condition: str, both: str) -> None:
    assert add(text, condition) == both
    assert parse(both, table)


def test_keeping_a_value_makes_the_condition_that_finds_it(table: FieldTable) -> None:
    def kept(name: str, value: str | int | float | None) -> str:
        field = table.find(name)
        assert field
        text = matching_condition(field, value)
        assert parse(text, table)
        assert excluding_condition(field, value) == f"-{text}"
        return text

    assert kept("owner", "Bo Test") == 'owner:="Bo Test"'
    assert kept("owner", "bo") == "owner:=bo"
    assert kept("owner", "any") == 'owner:="any"'
    assert kept("owner", "svc-*") == 'owner:="svc-*"'
    assert kept("tag", "*") == 'tag:"*"'
    assert kept("owner", None) == "owner:none"
    assert kept("label", "") == "label:none"
    assert kept("status", "ALLOWED") == "status:ALLOWED"
    assert kept("tokens", 3) == "tokens:3"
    assert kept("used", 1_790_000_000) == "used:2026-09-21"
    assert kept("expires", None) == "expires:never"
    assert kept("review", "2026-09-21") == "review:2026-09-21"


def test_values_are_quoted_only_where_they_need_it() -> None:
    plain = ("bo", "bo@example.org", "a-b", "-3", "http://x", "it's", "1..2", "or", "日本")
    assert [quote(value) for value in plain] == list(plain)
    for value in (
        "",
        "a b",
        "none",
        "Never",
        "ANY",
        "a,b",
        "=x",
        "<3",
        "!=x",
        "//x",
        "a(b)",
        "*",
        "a*b",
        'a"b',
        "a\nb",
    ):
        assert quote(value).startswith('"')


FIELDS = ("label:", "owner:", "status:", "tokens:", "used:", "created:", "expires:", "review:", "tag:", "part.used:")


@pytest.mark.parametrize(
    ("text", "kind", "prefix", "candidates"),
    [
        ("|", "field", "", (*FIELDS, "is:", "has:")),
        ("a |", "field", "", (*FIELDS, "is:", "has:")),
        ("-(|", "field", "", (*FIELDS, "is:", "has:")),
        ("st|", "field", "st", ("status:",)),
        ("a -ST|", "field", "ST", ("status:",)),
        ("us|", "field", "us", ("used:", "user:")),
        ("i|", "field", "i", ("idle:", "is:")),
        ("o|r", "field", "o", ("owner:",)),
        ("xyz|", "field", "xyz", ()),
        ('"st|', "none", "", ()),
        ("status:|", "value", "", ("ALLOWED", "BLOCKED", "none", "any")),
        ("status:all|", "value", "all", ("ALLOWED",)),
        ("status:allowed,|", "value", "", ("BLOCKED", "none", "any")),
        ("status:allowed,b|x", "value", "b", ("BLOCKED",)),
        ('owner:"Bo T|', "value", "Bo T", ()),
        ("owner:=n|", "value", "n", ("none",)),
        ("used:|", "value", "", ("<7d", "<30d", ">90d", ">1y", "today", "yesterday", "never", "any")),
        ("used:ne|", "value", "ne", ("never",)),
        ("used:>9|", "value", "9", ("90d",)),
        ("is:|", "flag", "", ("stale", "busy", "marked", "circle", "broken")),
        ("is:st|", "flag", "st", ("stale",)),
        ("has:ma|", "flag", "ma", ("mail",)),
        ("has:own|", "flag", "own", ("owner",)),
        ("polcy:x|", "none", "", ()),
    ],
)
def test_tab_completes_what_stands_before_the_cursor(
    table: FieldTable, text: str, kind: str, prefix: str, candidates: tuple[str, ...]
) -> None:
    found = complete(text.replace("|", ""), text.index("|"), table)
    assert (found.kind, found.prefix, found.candidates) == (kind, prefix, candidates)


@pytest.mark.parametrize(
    ("text", "candidate", "result"),
    [
        ("a st|", "status:", "a status:|"),
        ("a st|at b", "status:", "a status:| b"),
        ("ow|er:bo", "owner:", "owner:|bo"),
        ("id|e>90d", "idle:", "idle:|>90d"),
        ("-(status:al| x)", "ALLOWED", "-(status:ALLOWED| x)"),
        ("status:a,al|xx,b", "ALLOWED", "status:a,ALLOWED|,b"),
        ('owner:"Bo T|xx" y', '"Bo Test"', 'owner:"Bo Test"| y'),
        ('owner:"Bo T|', '"Bo Test"', 'owner:"Bo Test"|'),
        ("is:st|", "stale", "is:stale|"),
    ],
)
def test_a_completion_takes_the_place_of_the_whole_word(
    table: FieldTable, text: str, candidate: str, result: str
) -> None:
    typed = text.replace("|", "")
    changed, cursor = complete(typed, text.index("|"), table).insert(typed, candidate)
    assert changed[:cursor] + "|" + changed[cursor:] == result


def test_values_of_the_data_stand_before_those_of_the_language(table: FieldTable) -> None:
    found = complete("owner:=b", 8, table).with_data([("Ada", 1), ("Bo Test", 5), ("bob", 2), ("", 1)])
    assert found.candidates == ('"Bo Test"', "bob")
    assert complete("tag:n", 5, table).with_data([("nas", 3)]).candidates == ("nas", "none")


def test_the_reference_has_every_name_and_its_examples_are_valid(table: FieldTable) -> None:
    rows = reference(table)
    assert [row.name for row in rows[:5]] == ["label", "owner, user", "status", "tokens", "used, idle"]
    assert {f"is:{name}" for name in table.flags} | {"has:mail"} <= {row.name for row in rows}
    for row in rows:
        assert row.help
        if row.example not in ("is:marked",):
            assert parse(row.example, table)
    assert next(row.takes for row in rows if row.name == "status") == "ALLOWED, BLOCKED, none, any"
    assert all(row.example and row.help for row in SYNTAX)


def test_importing_the_language_loads_nothing_heavy() -> None:
    rooms = [f"tokendesk.filtering.{name}" for name in ("compile", "parse", "format", "complete")]
    heavy = ("dataclasses", "inspect", "difflib", "textual", "httpx", "asyncio", "json")
    code = (
        f"import sys; before = set(sys.modules); import {', '.join(rooms)}; "
        f"print([m for m in {heavy!r} if m in sys.modules.keys() - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

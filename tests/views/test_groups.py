"""Groups equal an independent count over the same rows, and each group's filter finds exactly its rows."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database import database
from tests.practice import NOW, pulled_home
from tests.views.records_made import Records
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.errors import UsageError
from tokendesk.model.findings import Thresholds
from tokendesk.model.text import printable
from tokendesk.views import groups as module
from tokendesk.views.grouping import groupable
from tokendesk.views.groups import Groups, count_groups, sort_groups
from tokendesk.views.panes import panes
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

SECOND = int(NOW.timestamp())
FILTERS = {"tokens": ["", "label:a", "used:<60d or used:never", "-policy:default", "is:no-purpose"],
           "users": ["", "name:a", "tokens:1..", "-policy:default"]}  # fmt: skip
COLUMNS = [(pane.name, name) for pane in panes(Thresholds()).values() for name in groupable(pane)]


def rows_of(reader: Reader, query: Query) -> list[Row]:
    return list(reader.window(reader.panes[query.pane], reader.ids(query, SECOND), SECOND).values())


def check(reader: Reader, query: Query, *by: str) -> Groups:
    """Check that each group's filter finds its rows, and that they are all the rows."""
    found = count_groups(reader, query, by, SECOND)
    union: set[int] = set()
    for group in found.groups:
        filters = tuple(filter(None, (query.filter and f"({query.filter})", group.condition)))
        ids = set(reader.ids(Query(query.pane, filter=" ".join(filters)), SECOND))
        assert len(ids) == group.rows, (query, by, group)
        assert found.repeats or not ids & union
        union |= ids
        if group.in_use is not None and query.pane == "tokens":
            assert group.in_use == sum(any(f.name == "in-use" for f in row["findings"]) for row in rows_of(
                reader, Query("tokens", filter=" ".join(filters))
            ))  # fmt: skip
    assert union == set(reader.ids(query, SECOND))
    assert found.total == len(union)
    rows = [group.rows for group in found.groups]
    assert found.order == "value" or rows == sorted(rows, reverse=True)
    return found


@pytest.mark.parametrize(("pane", "name"), COLUMNS)
def test_the_filter_of_each_group_finds_its_rows(told: tuple[Reader, Records], pane: str, name: str) -> None:
    check(told[0], Query(pane), name)


@settings(max_examples=60)
@given(data=st.data())
def test_two_columns_below_any_filter_count_every_row(told: tuple[Reader, Records], data: st.DataObject) -> None:
    reader = told[0]
    pane = data.draw(st.sampled_from(tuple(FILTERS)))
    names = groupable(reader.panes[pane])
    by = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    text = data.draw(st.sampled_from(FILTERS[pane]))
    found = count_groups(reader, Query(pane, filter=text), by, SECOND)
    group = data.draw(st.sampled_from(found.groups)) if found.groups else None
    if group:
        both = f"({text}) {group.condition}" if text else group.condition
        assert reader.count_found(Query(pane, filter=both), SECOND) == group.rows
    if not found.repeats:
        assert (
            sum(each.rows for each in found.groups)
            == found.total
            == reader.count_found(Query(pane, filter=text), SECOND)
        )


def month(at: int | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


def age(at: int | None) -> str:
    if at is None:
        return "never"
    days = (SECOND - at) / 86_400
    if days < 90:
        return "less than 30 d" if days < 30 else "30 to 90 d"
    return "90 to 365 d" if days < 365 else "365 d and more"


PLAIN: dict[str, Callable[[Row], Any]] = {
    "owner": lambda row: [printable(row["owner"] or "") or "(none)"],
    "policy": lambda row: [printable(row["policy_name"] or "(not known)")],
    "created": lambda row: [month(row["created"])],
    "expires": lambda row: [month(row["expires"])],
    "scopes": lambda row: list(dict.fromkeys(json.loads(row["scopes"] or "[]"))) or ["(none)"],
    "tags": lambda row: row["tags"].split("\n") if row["tags"] else ["(none)"],
    "findings": lambda row: [finding.title for finding in row["findings"]] or ["(none)"],
    "decision": lambda row: [row["decision"]],
    "used": lambda row: [age(row["last_used"])],
}


ODD = [
    'say "no"', "back\\slash", "(round", "[/bold]", "-minus", "=1+1", "a,b", "none", "any", "or", "éa", "🎈", "شركة",
    "tab\there", "nul\x01l", "*", "a*b", "is:idle", "x:y", "..", "<5", "a\nb", "\u0301",
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    settings = pulled_home(tmp_path_factory.mktemp("odd"), 60, 30)
    with Reader(settings.paths, Thresholds()) as reader:
        tokens = [row["token_id"] for row in rows_of(reader, Query("tokens"))]
    with Desk(settings.paths.desk, author="admin", clock=lambda: NOW) as desk:
        for token, text in zip(tokens, ODD, strict=False):
            fields: dict[str, str | bool | None] = {"purpose": text, "contact": text.upper()}
            tags = {} if {*text} & {",", "\n"} else {f"tag:{text}": True, "tag:shared": True}
            write_note(desk, "token", [token], fields | tags)
    with database(settings.paths.snapshot) as db, db:
        db.execute("UPDATE token SET last_used = NULL, last_used_text = 'soon' WHERE id = 1")
    with Reader(settings.paths, Thresholds()) as reader:
        yield reader


@pytest.mark.parametrize("name", ["purpose", "contact", "tags"])
def test_odd_texts_are_found_by_their_filters(odd: Reader, name: str) -> None:
    found = check(odd, Query("tokens"), name)
    assert len(found.groups) >= len(ODD) - 1
    check(odd, Query("tokens"), name, "owner")


def test_too_many_values_are_counted_and_not_listed(
    told: tuple[Reader, Records], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 50)
    found = count_groups(told[0], Query("users"), ("email",), SECOND)
    assert found.groups == ()
    assert found.values > 1_000
    assert count_groups(told[0], Query("users"), ("status",), SECOND).groups


def test_a_column_that_cannot_be_grouped_by_is_named_with_those_that_can(told: tuple[Reader, Records]) -> None:
    with pytest.raises(UsageError, match=r"cannot be grouped by 'nonsense'. Use one of: label, owner"):
        count_groups(told[0], Query("tokens"), ("nonsense",), SECOND)


def test_what_is_printed_is_what_was_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokendesk.cli import main

    home = pulled_home(tmp_path, 60, 30)
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    with Reader(home.paths, Thresholds()) as reader:
        counted = count_groups(reader, Query("tokens"), ("owner", "status"), int(home.now().timestamp()))
    assert main(["list", "tokens", "--by", "owner,status", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["owner"], line["status"], line["rows"]) for line in lines] == [
        (*(value.text for value in group.values), group.rows) for group in counted.groups
    ]
    assert main(["list", "tokens", lines[0]["filter"], "--format", "jsonl"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == lines[0]["rows"]
    assert main(["list", "tokens", "--by", "findings", "--sort", "value"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].split() == ["findings", "rows", "in_use", "undecided"]
    assert said.err == "30 tokens; one may count under several values.\n"
    assert main(["list", "tokens", "--by", "findings, finding", "--sort", "value"]) == 0
    assert capsys.readouterr().out == said.out
    for wrong in (
        ["--by", "owner", "--columns", "id"],
        ["--by", "a,b,c"],
        ["--by", ""],
        ["--by", "owner", "--sort", "x"],
    ):
        assert main(["list", "tokens", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_time_that_cannot_be_read_is_a_group_of_its_own_and_comes_last(odd: Reader) -> None:
    found = check(odd, Query("tokens"), "used")
    unknown = next(group for group in found.groups if group.values[0].text == "unknown")
    assert unknown.rows == 1
    assert all(sort_groups(found.groups, order)[-1] == unknown for order in ("value", "-value", "-rows"))

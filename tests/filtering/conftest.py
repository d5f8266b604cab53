"""A small table with every kind of field, and databases with some rows of it."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from tokendesk.filtering.compile import compile_filter
from tokendesk.filtering.fields import Field, FieldTable, Flag, Kind
from tokendesk.filtering.parse import parse
from tokendesk.filtering.tree import Node, Not
from tokendesk.filtering.wildcards import TextMatch
from tokendesk.model.text import fold

NOW = 1_790_000_000  # 2026-09-21 14:13:20 UTC
COLUMNS = ("label", "owner", "status", "tokens", "used", "created", "expires", "review")


def search(word: TextMatch) -> tuple[str, list[object]]:
    return f"({word.test('fold(label)')} OR {word.test('fold(owner)')})", [word.parameter] * 2


TABLE = FieldTable(
    [
        Field("label", Kind.TEXT, "label", "the label"),
        Field("owner", Kind.TEXT, "owner", "name of the owner", aliases=("user",), folded_sql="fold(owner)"),
        Field("status", Kind.CHOICE, "status", "may it be used", values=("ALLOWED", "BLOCKED")),
        Field("tokens", Kind.NUMBER, "tokens", "how many"),
        Field("used", Kind.PAST, "used", "last use", aliases=("idle",)),
        Field("created", Kind.PAST, "coalesce(created, NULL)", "when it was made"),
        Field("expires", Kind.FUTURE, "expires", "when it ends"),
        Field("review", Kind.DAY, "review", "the day to look again"),
        Field(
            "tag",
            Kind.CHOICE,
            "tag.name",
            "words of ours",
            many=("EXISTS (SELECT 1 FROM tag WHERE tag.row = token.id AND ", ")"),
        ),
        Field(
            "part.used",
            Kind.PAST,
            "part.used",
            "last use of one of its parts",
            many=("EXISTS (SELECT 1 FROM part WHERE part.row = token.id AND ", ")"),
        ),
    ],
    [
        Flag("stale", "not used for a year", filter="used:>1y"),
        Flag("busy", "many tokens", sql="tokens > 5"),
        Flag("marked", "marked in the list", reason="marks live in the screen"),
        Flag("circle", "defined by itself", filter="is:circle"),
        Flag("broken", "defined wrongly", filter="colour:red"),
    ],
    [Flag("mail", "an address is known", sql="instr(owner, '@')")],
    search,
)


@pytest.fixture(scope="session")
def table() -> FieldTable:
    return TABLE


class _Closing(sqlite3.Connection):
    """Closed when nobody has it any more, by whatever thread: a property is tried on hundreds of them."""

    def __del__(self) -> None:
        self.close()


@pytest.fixture(scope="session")
def database() -> Callable[..., sqlite3.Connection]:
    """Makes a database of rows, numbered from 1; `tags` and `parts` of a row are lists of names and moments."""

    def make(*rows: dict[str, Any]) -> sqlite3.Connection:
        base = sqlite3.connect(":memory:", factory=_Closing, check_same_thread=False)
        base.create_function("fold", 1, lambda text: None if text is None else fold(text), deterministic=True)
        base.execute(f"CREATE TABLE token (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        base.execute("CREATE TABLE tag (row, name)")
        base.execute("CREATE TABLE part (row, used)")
        for number, row in enumerate(rows, 1):
            places = "?, " * len(COLUMNS)
            base.execute(f"INSERT INTO token VALUES ({places}?)", [number, *map(row.get, COLUMNS)])
            base.executemany("INSERT INTO tag VALUES (?, ?)", [(number, tag) for tag in row.get("tags", ())])
            base.executemany("INSERT INTO part VALUES (?, ?)", [(number, used) for used in row.get("parts", ())])
        return base

    return make


@pytest.fixture(scope="session")
def matching() -> Callable[[sqlite3.Connection, str], list[int]]:
    """Returns the numbers of the rows a filter finds, and checks that its opposite finds exactly the others."""

    def find(base: sqlite3.Connection, text: str) -> list[int]:
        def ask(tree: Node | None) -> list[int]:
            sql, params = compile_filter(tree, TABLE, NOW)
            return [row[0] for row in base.execute(f"SELECT id FROM token WHERE {sql} ORDER BY id", params)]

        tree = parse(text, TABLE)
        found = ask(tree)
        if tree is not None:
            assert sorted(found + ask(Not(tree))) == ask(None)
        return found

    return find

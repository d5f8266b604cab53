"""The table of hostile input: each case creates the input, and names the exit code and message."""

import gzip
import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.hostile.ground import FILES, Ground, page_of
from tests.scripted import ORG
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.model import bounds
from tokendesk.model.plan import REVOKE, Plan, PlanRow, PlanToken, PlanWarning
from tokendesk.reporting.plan_file import plan_text

MARKS = "e" + "\u0301\u0323" * 100_000
"""200,000 marks on one letter, in the order that sorting them takes longest."""


OBJECTS = b'{"a":[' + b"{}," * 30_000_000 + b"{}]}"
"""86 MiB, which would take 2 GiB of memory."""


@dataclass(frozen=True)
class Case:
    name: str
    prepare: Callable[[Ground], Sequence[str]]
    code: int
    says: str
    """What stands in the one sentence on standard error, or, with code 0, in the output."""


def pulling(change: Callable[[Ground], object]) -> Callable[[Ground], Sequence[str]]:
    def prepare(ground: Ground) -> Sequence[str]:
        change(ground)
        return ["pull"]

    return prepare


# --- servers


@cache
def bomb(*names: str) -> bytes:
    """Return an answer a little larger than what is read, packed with each of `names` in turn."""
    body = b" " * (bounds.ANSWER_BYTES + 1)
    for name in names:
        body = gzip.compress(body, 1) if name == "gzip" else zlib.compress(body, 1)
    return body


def bombed(*names: str) -> Callable[[Ground], Sequence[str]]:
    return pulling(lambda ground: ground.tokens(bomb(*names), content_encoding=", ".join(names)))


def answered(body: bytes, encoding: str) -> Callable[[Ground], object]:
    return lambda ground: ground.tokens(body, content_encoding=encoding)


def nested(depth: int, opening: str = "[", closing_: str = "]") -> bytes:
    return page_of(label="deep").replace(b'"deep"', f'"deep", "odd": {opening * depth}1{closing_ * depth}'.encode())


_SERVERS = (
    Case("gzip bomb", bombed("gzip"), 4, "larger than 64 MiB"),
    Case("deflate bomb", bombed("deflate"), 4, "larger than 64 MiB"),
    Case("gzip in gzip", bombed("gzip", "gzip"), 4, "larger than 64 MiB"),
    Case("ten encodings", pulling(answered(b"x", ", ".join(["gzip"] * 10))), 4, "unexpected encoding"),
    Case("unknown encoding", pulling(answered(b"x", "br")), 4, "unexpected encoding"),
    Case("gzip cut off", pulling(answered(gzip.compress(page_of())[:-9], "gzip")), 4, "decompressed"),
    Case("100,000 lists in each other", pulling(lambda g: g.tokens(b"[" * 100_000)), 4, "nested more than 64"),
    Case("a member 500 deep", pulling(lambda g: g.tokens(nested(500))), 4, "nested more than 64"),
    Case("10,000,000 members", pulling(lambda g: g.tokens(b"[" + b"0," * 10_000_000 + b"0]")), 4, "members"),
    Case("5,000 digits", pulling(lambda g: g.tokens(b'{"data": ' + b"9" * 5_000 + b"}")), 4, "Tokens, page 1"),
    Case("a time of 5,000 digits", pulling(lambda g: g.tokens(page_of(createdAt="9" * 5_000))), 0, "1 token"),
    Case("members of odd types", pulling(lambda g: g.tokens((FILES / "odd-members.json").read_bytes())), 0, "3 tokens"),
    Case("half characters", pulling(lambda g: g.tokens((FILES / "half-characters.json").read_bytes())), 0, "1 token"),
    Case("a label of 200,000 marks", pulling(lambda g: g.tokens(page_of(label=MARKS))), 0, "1 token"),
    # Of short words: longer ones are searched for each key that other tests hold.
    Case("a label of 10 MB", pulling(lambda g: g.tokens(page_of(label="a job " * 1_700_000))), 0, "1 token"),
    Case(
        "a cursor of 70 kB",
        pulling(lambda g: g.tokens({"data": [], "links": {"next": "x" * 70_000}})),
        4,
        "70,000 characters",
    ),
    Case(
        "a cursor of 70 kB in a link",
        pulling(lambda g: g.tokens({"data": [], "links": {"next": "/x?cursor=" + "x" * 9_000}})),
        4,
        "9,000 characters",
    ),
    Case(
        "Retry-After of 5,000 digits",
        pulling(
            lambda g: g.first_tokens(
                429,
                retry_after="9" * 5_000,
                x_ratelimit_remaining="9" * 5_000,
                x_ratelimit_reset="2020-01-01T00:00:00Z",
            )
        ),
        0,
        "3 tokens",
    ),
    Case(
        "Retry-After in the year 99999",
        pulling(
            lambda g: g.first_tokens(
                429, retry_after="Fri, 31 Dec 99999 23:59:59 GMT", x_ratelimit_reset="2020-01-01T00:00:00Z"
            )
        ),
        0,
        "3 tokens",
    ),
    Case(
        "a remainder of 5,000 digits",
        pulling(
            lambda g: g.first_tokens(
                200, x_ratelimit_remaining="9" * 5_000, x_ratelimit_reset="0001-01-01T00:00:00+23:59"
            )
        ),
        4,
        "Tokens",
    ),
)


def printed(ground: Ground) -> Sequence[str]:
    """Write a purpose of the greatest length, and print it as a table."""
    with Desk(ground.home / "default" / "desk.sqlite") as desk:
        write_note(desk, "token", ["tok-1"], {"purpose": "y" * 10_000})
    return ["list", "tokens", "--columns", "purpose,id"]


_TABLES = (Case("a cell of 10,000 characters", printed, 0, "y" * 10_000 + "  tok-1"),)


# --- plans


def plan(records: Any = (), label: str = "job") -> str:
    """Return the text of a plan whose hash fits, whatever is in it."""
    token = PlanToken("tok-1", label)
    row = PlanRow("do", "", "712020:aa", "Ada Example", "ada@example.com", "pol-1", tokens=(token,))
    warnings = (PlanWarning("kept", "said", records),)
    made = Plan(REVOKE, ORG, "Elsewhere Ltd", "pull", 1_790_000_000, 1_790_000_000, "ada", (row,), warnings=warnings)
    return plan_text(made)


def signed(record: dict[str, Any]) -> str:
    """Return a plan file with a hash that fits its plan, however odd."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return json.dumps({"tokendesk_plan": 1, "in_words": "", "sha256": digest, "plan": record})


def edited(**members: Any) -> str:
    return signed({**json.loads(plan())["plan"], **members})


def applying(content: Callable[[Ground], str]) -> Callable[[Ground], Sequence[str]]:
    return lambda ground: ["apply", content(ground), "--expect", "1", "--write"]


def odd_rows(ground: Ground) -> str:
    return ground.file("p.json", edited(rows=[[]]))


def pipe_at(path: Path) -> None:
    os.mkfifo(path)


def pipe(ground: Ground) -> str:
    pipe_at(ground.home / "pipe")
    return str(ground.home / "pipe")


_PLANS = (
    Case("a plan with records=[[]]", applying(lambda g: g.file("p.json", plan(([],)))), 2, "not a complete plan"),
    Case("a plan whose row is a list", applying(odd_rows), 2, "not a complete plan"),
    Case(
        "a plan with half a character",
        applying(lambda g: g.file("p.json", edited(author="\ud800"))),
        2,
        "half a character",
    ),
    Case(
        "a plan of 5,000 digits",
        applying(lambda g: g.file("p.json", plan().replace("1790000000", "9" * 5_000))),
        2,
        "not a tokendesk plan",
    ),
    Case(
        "a plan 100,000 deep",
        applying(lambda g: g.file("p.json", '{"tokendesk_plan":' * 100_000)),
        2,
        "not a tokendesk plan",
    ),
    Case("a plan of 30,000,000 objects", applying(lambda g: g.file("p.json", OBJECTS)), 2, "members"),
    Case("/dev/zero as a plan", applying(lambda g: "/dev/zero"), 2, "not a regular file"),
    Case("a folder as a plan", applying(lambda g: str(g.home)), 2, "it is a folder"),
    Case("a sparse plan of 1 TB", applying(lambda g: g.sparse("p.json", 10**12)), 2, "larger than 96 MiB"),
    Case("a plan that is no text", applying(lambda g: g.file("p.json", b"\xff\xfe{}")), 2, "not UTF-8"),
)


# --- entries and tables


def importing(what: str, content: Callable[[Ground], str]) -> Callable[[Ground], Sequence[str]]:
    return lambda ground: [what, "import", content(ground), "--apply"]


_IMPORTS = (
    Case("edited entries", importing("desk", lambda g: str(FILES / "edited.jsonl")), 1, "does not match its id"),
    Case("/dev/zero as entries", importing("desk", lambda g: "/dev/zero"), 2, "not a regular file"),
    Case(
        "sparse entries of 1 TB", importing("desk", lambda g: g.sparse("e.jsonl", 10**12)), 2, "larger than 1,024 MiB"
    ),
    Case("an entry of 30,000,000 objects", importing("desk", lambda g: g.entries(OBJECTS)), 1, "line 2: not an entry"),
    Case("an open quote in a table", importing("notes", lambda g: str(FILES / "open-quote.csv")), 2, "not valid CSV"),
    Case("a table with two ids", importing("notes", lambda g: str(FILES / "two-ids.csv")), 2, "two columns"),
    Case(
        "a table of 65 MiB", importing("notes", lambda g: g.sparse("t.csv", 65 * bounds.MIB)), 2, "larger than 64 MiB"
    ),
    Case(
        "a cell of 2 MB",
        importing("notes", lambda g: g.file("t.csv", "about,id\ntoken," + "x" * 2_000_000)),
        2,
        "field larger than field limit",
    ),
    Case(
        "a note of 200,000 marks in a table",
        importing("notes", lambda g: g.file("t.csv", f"about,id,purpose\ntoken,tok-1,{MARKS}\n")),
        1,
        "10,000 characters",
    ),
    Case("members of a policy from /dev/zero", lambda g: ["policies", "import", "/dev/zero"], 2, "not a regular file"),
    Case(
        "members of a policy of 1 TB",
        lambda g: ["policies", "import", g.sparse("m.csv", 10**12)],
        2,
        "larger than 64 MiB",
    ),
)


# --- settings, filters, words


def configured(content: str | bytes) -> Callable[[Ground], Sequence[str]]:
    def prepare(ground: Ground) -> Sequence[str]:
        ground.file("config.toml", content)
        return ["list", "tokens"]

    return prepare


def config_in_place(make: Callable[[Path], object]) -> Callable[[Ground], Sequence[str]]:
    def prepare(ground: Ground) -> Sequence[str]:
        make(ground.home / "config.toml")
        return ["list", "tokens"]

    return prepare


_WORDS = (
    Case("TOML 100,000 deep", configured("theme = " + "[" * 100_000), 2, "nested too deep"),
    Case("TOML of 5,000 digits", configured("theme = " + "9" * 5_000), 2, "config.toml"),
    Case("TOML with a date as theme", configured((FILES / "date-for-theme.toml").read_bytes()), 2, "must be a string"),
    Case("TOML that is no text", configured(b"\xff\xfe"), 2, "not UTF-8"),
    Case("a pipe as config.toml", config_in_place(pipe_at), 2, "not a regular file"),
    Case("/dev/zero as config.toml", config_in_place(lambda p: p.symlink_to("/dev/zero")), 2, "not a regular file"),
    Case("a folder as config.toml", config_in_place(lambda p: p.mkdir()), 2, "it is a folder"),
    Case("a filter of 5,000 digits", lambda g: ["list", "users", "tokens:>" + "9" * 5_000], 2, "tokendesk: "),
    Case("a filter 5,000 deep", lambda g: ["list", "tokens", "(" * 5_000 + "a"], 2, "deep"),
    Case("half a character in a filter", lambda g: ["list", "tokens", "\udcff"], 2, "half a character"),
    Case("half a character in a note", lambda g: ["note", "id:tok-1", "--purpose", "\udcff"], 2, "UTF-8"),
    Case("half a character in an id", lambda g: ["policies", "name", "\udcff", "Main"], 2, "no policy"),
    Case("half a character in a replaced id", lambda g: ["note", "id:tok-1", "--replaces", "\udcff"], 2, "UTF-8"),
    Case("half a character in a file's name", lambda g: ["open", "\udcff"], 2, "no file"),
    Case(
        "a note of 200,000 marks", lambda g: ["note", "id:tok-1", "--purpose", MARKS[:60_000]], 2, "10,000 characters"
    ),
)


# --- snapshots


def snapshot(change: Callable[[sqlite3.Connection], object], *arguments: str) -> Callable[[Ground], Sequence[str]]:
    """Change a copy of a good snapshot, and ask for it."""

    def prepare(ground: Ground) -> Sequence[str]:
        file = ground.file("theirs.tkd", ground.snapshot.read_bytes())
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            change(db)
        return [part.replace("FILE", file) for part in arguments or ("snapshot", "info", "FILE")]

    return prepare


def endless_view(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE meta RENAME TO meta_kept")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    db.execute(f"CREATE VIEW meta AS SELECT * FROM meta_kept UNION ALL SELECT i, i FROM ({endless})")


def trigger(db: sqlite3.Connection) -> None:
    db.execute("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM token; END")


def generated(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE user ADD COLUMN more AS (abs(id))")


def digits_in_meta(db: sqlite3.Connection) -> None:
    db.execute("UPDATE meta SET value = ? WHERE name = 'users'", ("9" * 5_000,))


def cells(table: str, column: str, value: str) -> Callable[[sqlite3.Connection], object]:
    """Return a change that puts an SQL value into all cells of a column."""
    return lambda db: db.execute(f"UPDATE {table} SET {column} = {value}")


def without(name: str) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute("DELETE FROM meta WHERE name = ?", (name,))


def nothing_where_required(db: sqlite3.Connection) -> None:
    """Put NULL into a column that is NOT NULL: SQLite refuses that as long as it knows."""
    (kept,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'user'").fetchone()
    write = "UPDATE sqlite_master SET sql = ? WHERE name = 'user'"
    for sql in (kept.replace("name TEXT NOT NULL", "name TEXT"), kept):
        db.execute("PRAGMA writable_schema = ON")
        db.execute(write, (sql,))
        db.execute("PRAGMA writable_schema = RESET")
        if sql != kept:
            db.execute("UPDATE user SET name = NULL")


def seventy_mb(table: str, column: str) -> Callable[[sqlite3.Connection], object]:
    """Return a change that puts a value longer than any that is read into a column."""
    return lambda db: db.execute(f"UPDATE {table} SET {column} = printf('%.*c', 70000000, 'x')")


_SNAPSHOTS = (
    Case("an endless view", snapshot(endless_view), 2, "does not hold the tables"),
    Case(
        "an endless view, listed",
        snapshot(endless_view, "list", "tokens", "--file", "FILE"),
        2,
        "does not hold the tables",
    ),
    Case(
        "an endless view, compared",
        snapshot(endless_view, "snapshot", "diff", "FILE", "FILE"),
        2,
        "does not hold the tables",
    ),
    Case("a trigger", snapshot(trigger), 2, "does not hold the tables"),
    Case("a generated column", snapshot(generated), 2, "does not hold the tables"),
    Case("5,000 digits in a snapshot", snapshot(digits_in_meta), 2, "damaged"),
    *(
        Case(f"{column} of 70 MB, by {command[1]}", snapshot(seventy_mb(table, column), *command), 2, "cannot be read")
        for table, column, *command in (
            ("token", "user", "list", "tokens", "--file", "FILE"),
            ("user", "policy", "list", "users", "--file", "FILE"),
            ("token", "label", "snapshot", "diff", "FILE", "FILE"),
            ("user", "name", "snapshot", "info", "FILE"),
            ("token", "label", "open", "FILE"),
        )
    ),
    *(
        Case(f"{column} = {value[:40]}", snapshot(cells(table, column, value), *command), 2, f"cannot be read: {says}")
        for table, column, value, says, *command in (
            ("token", "expires", "'x'", "expires of a row in token is not a", "list", "tokens", "--file", "FILE"),
            ("token", "last_used", "x'ff00'", "last_used of a row in token is not a", "open", "FILE"),
            ("user", "last_active", "1e308", "last_active of a row in user", "list", "users", "--file", "FILE"),
            ("user", "org_admin", "5", "org_admin of a row in user", "open", "FILE"),
            ("user", "extra", "'[]'", "extra of a row in user is not an object", "list", "users", "--file", "FILE"),
            (
                "user",
                "id",
                "id + 9000000000000000000",
                "the ids of the rows in user",
                "list",
                "users",
                "--file",
                "FILE",
            ),
            ("token", "label", "x'ff'", "label of a row in token is not text", "snapshot", "diff", "FILE", "FILE"),
            ("token", "scopes", "'x'", "scopes of a row in token is not a list", "list", "tokens", "--file", "FILE"),
            (
                "token",
                "scopes",
                "'[[1]]'",
                "scopes of a row in token is not a list",
                "list",
                "tokens",
                "--file",
                "FILE",
            ),
            ("token", "scopes", f"'{'[' * 65}{']' * 65}'", "scopes of a row in token", "open", "FILE"),
            ("token", "extra", f"'{{\"a\": {'9' * 5_000}}}'", "extra of a row in token", "open", "FILE"),
            ("meta", "value", "NULL", "value of a row in meta is missing", "list", "policies", "--file", "FILE"),
        )
    ),
    Case("NULL in a name", snapshot(nothing_where_required), 2, "name of a row in user is not text"),
    Case("a snapshot that does not say when it was made", snapshot(without("pulled_at")), 2, "damaged ('pulled_at')"),
    Case("text that is not UTF-8", snapshot(cells("token", "label", "CAST(x'ff' AS TEXT)")), 0, "3 tokens"),
    Case("a time far away", snapshot(cells("token", "expires", "9000000000000000000")), 0, "3 tokens"),
    Case("an unknown status", snapshot(cells("token", "status", "char(27) || '[2J'")), 0, "3 tokens"),
    Case("a good snapshot", snapshot(lambda db: None), 0, "3 tokens"),
    Case("/dev/zero as a snapshot", lambda g: ["snapshot", "info", "/dev/zero"], 2, "not a tokendesk snapshot"),
    Case("a pipe as a snapshot", lambda g: ["snapshot", "info", pipe(g)], 2, "not a tokendesk snapshot"),
    Case(
        "a snapshot cut off",
        lambda g: ["snapshot", "info", g.file("s.tkd", g.snapshot.read_bytes()[:5_000])],
        2,
        "s.tkd",
    ),
)

CASES = (*_SERVERS, *_TABLES, *_PLANS, *_IMPORTS, *_WORDS, *_SNAPSHOTS)

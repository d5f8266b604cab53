"""The rows that a filter matches, compared with known answers."""

import sqlite3
from collections.abc import Callable

import pytest

Database = Callable[..., sqlite3.Connection]
Matching = Callable[[sqlite3.Connection, str], list[int]]

DAY = 86_400
NOW = 1_790_000_000  # 2026-09-21 14:13:20 UTC
TODAY = NOW - NOW % DAY

EXAMPLES = [
    ("", [1, 2, 3, 4]),
    ("   ", [1, 2, 3, 4]),
    ("jenkins", [1]),
    ("JENKINS test", [1]),
    ('"bo test"', [1, 4]),
    ('"test bo"', []),
    ("jose", [2]),
    ("owner:bo", [1, 4]),
    ("user:bo", [1, 4]),
    ("OWNER:bo", [1, 4]),
    ('owner:="bo test"', [1]),
    ("owner:=bo", []),
    ('owner="bo test"', [1]),
    ("label:nightly,jenkins", [1, 2]),
    ('label:="nightly export",jenkins', [1, 2]),
    ("label:=night,jenkins", [1]),
    ("label:none", [3, 4]),
    ("label:any", [1, 2]),
    ('label:"none"', []),
    ("-label:jenkins", [2, 3, 4]),
    ("status:allowed", [1, 2]),
    ("status:allowed,blocked", [1, 2, 3]),
    ("status:block", []),
    ("status:none", [4]),
    ("-status:allowed", [3, 4]),
    ("status:quarantined", []),
    ("tokens:3", [1]),
    ("tokens:=3", [1]),
    ("tokens>=3", [1, 2]),
    ("tokens:>3", [2]),
    ("tokens<3", [3]),
    ("-tokens<3", [1, 2, 4]),
    ("tokens:0..3", [1, 3]),
    ("tokens:4..", [2]),
    ("tokens:..2.5", [3]),
    ("tokens:0,7", [2, 3]),
    ("used:<7d", [1]),
    ("used<=7d", [1, 2]),
    ("used:>7d", [3]),
    ("used:>=7d", [2, 3]),
    ("idle>90d", [3]),
    ("-used:<7d", [2, 3, 4]),
    ("used:never", [4]),
    ("-used:never", [1, 2, 3]),
    ("used:any", [1, 2, 3]),
    ("used:7d..2y", [2]),
    ("used:..7d", [1, 2]),
    ("used:1w..", [2, 3]),
    ("used:>7d,never", [3, 4]),
    ("used:today", [1]),
    ("used:<today", [2, 3]),
    ("used:yesterday", []),
    ("used:2026-09-21", [1]),
    ("used:2026-09", [1, 2]),
    ("used:2026", [1, 2]),
    ("used:2024-01-01..2026-09-14", [2]),
    ("used:..2026-09-14", [2, 3]),
    ("used:<=2026-09-14", [2, 3]),
    ("used:<2026-09-14", [3]),
    ("used:>2026-09-14", [1]),
    ("used:>=2026-09-14", [1, 2]),
    ("created:<1y6mo", [1, 2]),
    ("expires:<30d", [2]),
    ("expires:>30d", [3]),
    ("expires:<90d", [2]),
    ("expires:..90d", [2, 3]),
    ("expires:40d..90d", [3]),
    ("expires:>0d", [2, 3]),
    ("expires:<2026-12-31", [1, 2, 3]),
    ("expires:never", [4]),
    ("expires:<30d,never", [2, 4]),
    ("expires:any -expires:>0d", [1]),
    ("review:<=today", [1, 2]),
    ("review:today", [2]),
    ("review:<today", [1]),
    ("review:<30d", [2]),
    ("review:<=30d", [2, 3]),
    ("review:>29d", [3]),
    ("review:2026-10", [3]),
    ("review:2026-09..2026-10", [1, 2, 3]),
    ("review:..2026-09-20", [1]),
    ("review:never", [4]),
    ("tag:ci", [1, 2]),
    ("-tag:ci", [3, 4]),
    ("tag:cron,nas", [2, 3]),
    ("tag:none", [4]),
    ("tag:none,nas", [3, 4]),
    ("tag:any", [1, 2, 3]),
    ("tag:ci tag:cron", [2]),
    ("part.used:>90d", [2]),
    ("part.used:never", [1]),
    ("part.used:any", [2]),
    ("-part.used:any", [1, 3, 4]),
    ("is:stale", [3]),
    ("-is:stale", [1, 2, 4]),
    ("is:busy", [2]),
    ("-is:busy", [1, 3, 4]),
    ("is:stale,busy", [2, 3]),
    ("has:label", [1, 2]),
    ("has:mail", [3]),
    ("has:tag,mail", [1, 2, 3]),
    ("used:<7d or used:never", [1, 4]),
    ("used:<7d OR used:never", [1, 4]),
    ("(used:<7d or used:never) owner:bo", [1, 4]),
    ("used:<7d or used:never owner:bo status:none", [1, 4]),
    ("owner:bo and used:never", [4]),
    ("not (tag:ci or used:never)", [3]),
    ("-(tag:ci or used:never)", [3]),
    ("not not tag:ci", [1, 2]),
    ("-jenkins", [2, 3, 4]),
    ('-"nightly export"', [1, 3, 4]),
    ("https://nas.example.org", [3]),
    ("label:n*y", [2]),
    ("label:N*EXPORT", [2]),
    ("label:=n*", [2]),
    ("label:=*s", [1]),
    ("label:=*s,n*", [1, 2]),
    ("label:=e*", []),
    ("label:e*", [1, 2]),
    ("-label:e*", [3, 4]),
    ("label:*", [1, 2]),
    ("-label:*", [3, 4]),
    ("used:*", [1, 2, 3]),
    ('label:"n*y"', []),
    ('label:"*"', []),
    ("owner:j*é*ü", [2]),
    ("owner:=*@root", [3]),
    ("status:*ed", [1, 2, 3]),
    ("status:b*", [3]),
    ("status:*lock", []),
    ("tag:c*", [1, 2]),
    ("tag:c*n", [2]),
    ("b*test", [1, 4]),
    ("t*b", []),
    ('"b*test"', []),
    ("*", [1, 2, 3, 4]),
    ("-*", []),
]


@pytest.fixture(scope="module")
def base(database: Database) -> sqlite3.Connection:
    return database(
        {
            "label": "Jenkins", "owner": "Bo Test", "status": "ALLOWED", "tokens": 3, "used": NOW - 3600,
            "created": NOW - 400 * DAY, "expires": NOW - DAY, "review": "2026-09-20", "tags": ["CI"],
            "parts": [None],
        },
        {
            "label": "nightly Export", "owner": "José Müller", "status": "ALLOWED", "tokens": 7, "used": NOW - 7 * DAY,
            "created": NOW - 10 * DAY, "expires": NOW + 20 * DAY, "review": "2026-09-21", "tags": ["ci", "cron"],
            "parts": [NOW - DAY, NOW - 100 * DAY],
        },
        {
            "label": "", "owner": "https://nas.example.org/@root", "status": "BLOCKED", "tokens": 0,
            "used": NOW - 3 * 365 * DAY, "created": NOW - 4 * 365 * DAY, "expires": NOW + 90 * DAY,
            "review": "2026-10-21", "tags": ["nas"],
        },
        {"owner": "Bo Testa"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("label:=a[b]*", [1]), ("label:a?*d", [2]), ('label:="a*d"', [3]), ('"a*d"', [3]), ("label:a*d", [2, 3, 4, 5]),
        ("label:=a%*", [4]), ("label:a*\\u0000d", []), ("label:=a*xd", [5]), ("a*xd", [5]), ("label:'*'", []),
    ],
)  # fmt: skip
def test_only_an_unquoted_asterisk_stands_for_anything(
    database: Database, matching: Matching, text: str, numbers: list[int]
) -> None:
    labels = ("a[b]c", "a?cd", "a*d", "a%bd", "a\0xd")
    assert matching(database(*({"label": label} for label in labels)), text) == numbers


@pytest.mark.parametrize(("text", "numbers"), EXAMPLES)
def test_a_filter_finds_exactly_its_rows(
    base: sqlite3.Connection, matching: Matching, text: str, numbers: list[int]
) -> None:
    assert matching(base, text) == numbers

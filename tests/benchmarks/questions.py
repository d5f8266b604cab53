"""The queries of a keystroke: python -m tests.benchmarks.questions [--users N --tokens N]

The part of a keystroke that is ours: parse, compile, query, order. Against the same search as plain LIKE over the same
file, in turn and within one run.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.big import PROFILE, make
from tokendesk.model.findings import Thresholds
from tokendesk.paths import profile_paths
from tokendesk.snapshot.file import snapshot_uri
from tokendesk.views.counts import scope_counts
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

ASKED = (
    ("users", "mar"), ("users", "martinez"), ("users", "ma"), ("users", "m"), ("users", "nobody-at-all"),
    ("users", "policy:policy"), ("users", "tokens:>1"), ("users", "token.idle:>90d"), ("users", "status:deactivated"),
    ("users", "role:site-admin"), ("users", "access:loom"), ("users", "-access:loom"),
    ("tokens", "owner.role:any"), ("tokens", "owner.access:loom"),
    ("tokens", "jenk"), ("tokens", "jenkins 12"), ("tokens", "idle:>90d"), ("tokens", "owner:bo"),
    ("tokens", "is:idle -owner:bo"), ("tokens", "no-such-label"), ("tokens", "is:renewal"),
    ("credentials", "jenk"), ("credentials", "power:admin"), ("credentials", "ends:<30d kind:key"),
    ("credentials", "is:no-purpose"),
)  # fmt: skip


def timed(question: Callable[[], object], times: int = 15) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        question()
        found.append((time.perf_counter() - begun) * 1000)
    return median(found), quantiles(found, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=150_000)
    parser.add_argument("--tokens", type=int, default=50_000)
    options = parser.parse_args()
    now = datetime.now(UTC)
    second = int(now.timestamp())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path = make(home, options.users, options.tokens, now)
        print(f"{options.users:,} users, {options.tokens:,} tokens; milliseconds: median, 95th percentile, hits")
        begun = time.perf_counter()
        reader = Reader(profile_paths(PROFILE, {"TOKENDESK_HOME": folder}), Thresholds())
        opened = time.perf_counter()
        for pane in ("tokens", "users", "credentials"):
            at = time.perf_counter()
            ids = reader.ids(Query(pane), second)
            reader.window(reader.panes[pane], ids[:100], second)
            print(f"{'first rows of ' + pane:32}{(time.perf_counter() - at) * 1000:8.1f}")
        print(f"{'opening':32}{(opened - begun) * 1000:8.1f}")
        for pane in ("tokens", "users", "credentials"):
            at = time.perf_counter()
            scope_counts(reader, pane, second)
            print(f"{'counts of ' + pane:32}{(time.perf_counter() - at) * 1000:8.1f}")
        for pane, text in ASKED:
            query = Query(pane, filter=text)
            half, most = timed(lambda query=query: reader.ids(query, second))  # type: ignore[misc]
            print(f"{pane + ': ' + text:32}{half:8.1f}{most:8.1f}{len(reader.ids(query, second)):10,}")
        plain = sqlite3.connect(snapshot_uri(path), uri=True)
        like = "SELECT id FROM user WHERE name LIKE '%mar%' OR email LIKE '%mar%' ORDER BY name"
        half, most = timed(lambda: plain.execute(like).fetchall())
        print(f"{'plain LIKE: mar':32}{half:8.1f}{most:8.1f}")
        plain.close()
        reader.close()


if __name__ == "__main__":
    main()

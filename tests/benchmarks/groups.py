"""Counting rows by value: python -m tests.benchmarks.groups [--users N --tokens N]

CPU of each grouping, beside a plain count of the same rows by SQLite in the same run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.big import PROFILE, make
from tokendesk.model.findings import Thresholds
from tokendesk.paths import profile_paths
from tokendesk.views.groups import count_groups
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

GROUPED = (
    ("users", "status"), ("users", "policy"), ("users", "name"), ("users", "active"), ("users", "findings"),
    ("users", "policy,status"), ("users", "email"), ("tokens", "policy"), ("tokens", "used"), ("tokens", "created"),
    ("tokens", "owner"), ("tokens", "findings"), ("tokens", "scopes"), ("tokens", "policy,used"),
)  # fmt: skip
PLAIN = "SELECT state, count(*) FROM main.user GROUP BY state"


def cpu(question: Callable[[], object], times: int = 5) -> float:
    """Return the median in milliseconds of CPU."""
    found = []
    for _ in range(times):
        begun = time.thread_time()
        question()
        found.append((time.thread_time() - begun) * 1000)
    return median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=150_000)
    parser.add_argument("--tokens", type=int, default=50_000)
    options = parser.parse_args()
    now = datetime.now(UTC)
    second = int(now.timestamp())
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.users, options.tokens, now)
        with Reader(profile_paths(PROFILE, {"TOKENDESK_HOME": folder}), Thresholds()) as reader:
            plain = cpu(lambda: reader.db.execute(PLAIN).fetchall())
            print(f"{options.users:,} users, {options.tokens:,} tokens; a plain count by status: {plain:.0f} ms of CPU")
            for pane, by in GROUPED:
                names = by.split(",")
                found = count_groups(reader, Query(pane), names, second)
                spent = cpu(lambda pane=pane, names=names: count_groups(reader, Query(pane), names, second))  # type: ignore[misc]
                print(f"{pane + ' by ' + by:28}{found.values:>9,} values {spent:8.0f} ms {spent / plain:6.1f} times")


if __name__ == "__main__":
    main()

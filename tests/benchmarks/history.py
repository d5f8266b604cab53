"""A history that grows: `python -m tests.benchmarks.history FOLDER --tokens 5000 --pulls 300 --every 50`

A third of the tokens is used each day. One line for each `--every` pulls: the size of the history, how long the pull
took to be written into it, and how long finding the rhythms took.
"""

import argparse
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.big import PROFILE, make
from tokendesk.history.record import complete_pull, record_pull
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.timestamps import DAY
from tokendesk.paths import profile_paths

BEGAN = int(datetime(2024, 1, 1, 9, tzinfo=UTC).timestamp())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokens", type=int, default=50_000)
    parser.add_argument("--pulls", type=int, default=1_000)
    parser.add_argument("--every", type=int, default=100)
    given = parser.parse_args()
    where = profile_paths(PROFILE, {"TOKENDESK_HOME": str(given.folder)})
    make(given.folder, given.tokens, given.tokens, datetime.fromtimestamp(BEGAN, UTC))
    for number in range(given.pulls):
        at = BEGAN + number * DAY
        with closing(sqlite3.connect(where.snapshot)) as db, db:
            db.execute("UPDATE token SET last_used = ? + id % 3600 WHERE id % 3 = 0 OR id % 97 = ?", (at, number % 97))
        began, cpu = time.perf_counter(), time.process_time()
        record_pull(
            where.history, where.snapshot, None, org_id="benchmark", pull_id=f"pull-{number:032}", at=at, idle_days=90
        )
        complete_pull(where.history, f"pull-{number:032}")
        if (number + 1) % given.every == 0:
            took, used = time.perf_counter() - began, time.process_time() - cpu
            began, cpu = time.perf_counter(), time.process_time()
            update_rhythms(where.history, where.snapshot, where.desk)
            found, searched = time.perf_counter() - began, time.process_time() - cpu
            size = sum(path.stat().st_size for path in where.history.parent.glob("history.sqlite*")) / 1e6
            print(
                f"{number + 1:,} pulls: {size:,.0f} MB, pull {took:.2f} s ({used:.2f} of CPU), "
                f"rhythms {found:.2f} s ({searched:.2f} of CPU)",
                flush=True,
            )


if __name__ == "__main__":
    main()

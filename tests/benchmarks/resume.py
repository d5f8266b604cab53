"""Pulls that are killed once and continued: python -m tests.benchmarks.resume [--users N --tokens N --kills N]

Each is killed at a random request. The result must be that of a pull in one piece; the requests of both parts are
counted at the server, beside those of one.
"""

import argparse
import logging
import random
import tempfile
from pathlib import Path
from statistics import median

from tests.practice import organization, settings_in
from tests.snapshot.broken_off import breaking, content, pull_into

MOST = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--tokens", type=int, default=1_500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    logging.getLogger("uvicorn.error").disabled = True  # it reports each connection that was killed
    ratios: list[float] = []
    different = 0
    with breaking(organization(options.users, options.tokens)) as served:
        access = served.access
        assert access
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            count = served.count(lambda: pull_into(home, access))
            whole = content(settings_in(home).paths.snapshot)
        for _ in range(options.kills):
            with tempfile.TemporaryDirectory() as folder:
                home = Path(folder)
                first = served.kill(home, rng.randrange(1, count))
                second = served.count(lambda home=home: pull_into(home, access))  # type: ignore[misc]
                different += content(settings_in(home).paths.snapshot) != whole
                ratios.append((first + second) / count)
    print(f"{options.users:,} users, {options.tokens:,} tokens, {count:,} requests in one piece, {options.kills} kills")
    print(f"requests of both parts / one   {min(ratios):.3f}  {median(ratios):.3f}  {max(ratios):.3f}", end="")
    print(f"   (least, median, most; goal: at most {MOST})")
    print(f"other results than in one piece   {different}")


if __name__ == "__main__":
    main()

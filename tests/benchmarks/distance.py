"""Pulls from an organization far away: python -m tests.benchmarks.distance [--sizes USERS/TOKENS ...]

The practice organization takes its time for each answer, in real seconds, so what is counted is round trips rather
than speed. `trips` are seconds divided by the latency: requests that had to wait for one another.

- to the tokens: until tokens, their owners and the owners' policies can be shown
- least: the pages of users one after the other, and one answer each before and after them
"""

import argparse
import asyncio
import tempfile
import time
from math import ceil
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.pull import Served, bare, served
from tokendesk.api.client import open_client
from tokendesk.model.secret import Secret
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.snapshot.pull import pull

PAGE = 100
"""Users in one page, at most (api handbook 4.2)."""


class Pulled(NamedTuple):
    """Seconds, requests and the time of this process's processor."""

    to_tokens: float
    complete: float
    requests: int
    owners: int
    cpu: float


async def pulled(at: Served, cache: Path) -> Pulled:
    began, cpu = time.perf_counter(), time.process_time()
    shown: list[tuple[float, int]] = []

    async def on_part(info: SnapshotInfo) -> None:
        shown.append((time.perf_counter() - began, info.users))

    async with open_client(at.url, Secret(at.key)) as client:
        await pull(client, at.org_id, cache, on_part=on_part)
        requests = client.answers
    complete = time.perf_counter() - began
    to_tokens, owners = shown[0] if shown else (complete, 0)
    return Pulled(to_tokens, complete, requests, owners, time.process_time() - cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["1204/82", "20000/1500"], metavar="USERS/TOKENS")
    parser.add_argument("--latency", type=int, default=300, help="milliseconds of an answer")
    parser.add_argument("--limit", action="append", default=[], metavar="FAMILY=N/min")
    options = parser.parse_args()
    latency = options.latency / 1000
    far = ["--latency", f"{options.latency}ms"]
    far += [word for limit in options.limit for word in ("--limit", limit)]
    print(f"{options.latency} ms an answer; limits: {', '.join(options.limit) or 'none'}")
    print("users    tokens  requests  to the tokens   complete         least     / least   / bare loop   CPU s")
    for size in options.sizes:
        users, tokens = map(int, size.split("/"))
        with tempfile.TemporaryDirectory() as folder, served(users, tokens, *far) as at:
            found = asyncio.run(pulled(at, Path(folder)))
            began = time.perf_counter()
            asyncio.run(bare(at))
            loop = time.perf_counter() - began
        least = (ceil(users / PAGE) + 2) * latency
        print(
            f"{users:<8,} {tokens:<7,} {found.requests:<9,} {_trips(found.to_tokens, latency):<15} "
            f"{_trips(found.complete, latency):<16} {least:<9.1f} {found.complete / least:<9.2f} "
            f"{found.complete / loop:<13.2f} {found.cpu:.1f}",
            flush=True,
        )


def _trips(seconds: float, latency: float) -> str:
    return f"{seconds:.1f} s, {seconds / latency:.1f}"


if __name__ == "__main__":
    main()

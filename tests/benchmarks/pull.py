"""The cost of a pull: python -m tests.benchmarks.pull [--users N --tokens N]

The practice organization is served by a process of its own. A pull is timed against a bare httpx loop that sends the
same requests and reads the answers, in turn and within one run: machines are noisy, ratios are less so.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tokendesk.api.client import open_client
from tokendesk.api.pacing import until_reset
from tokendesk.api.policy_lookup import BATCH
from tokendesk.current_snapshot import current_snapshot
from tokendesk.model.secret import Secret
from tokendesk.snapshot.pull import pull


@dataclass(frozen=True)
class Served:
    url: str
    org_id: str
    key: str


@contextmanager
def served(users: int, tokens: int, *more: str) -> Iterator[Served]:
    """Serve an organization; `more`: options of `tokendesk sandbox`."""
    command = [sys.executable, "-m", "tokendesk", "sandbox", "--json", "--stop-with-stdin"]
    command += ["--users", str(users), "--tokens", str(tokens), *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        facts = json.loads(child.stdout.readline())
        try:
            yield Served(facts["url"], facts["org_id"], facts["key"])
        finally:
            child.stdin.close()


async def pulled(at: Served, cache: Path) -> None:
    async with open_client(at.url, Secret(at.key)) as client:
        await pull(client, at.org_id, cache)


async def bare(at: Served) -> None:
    """The same requests with the same concurrency, and nothing done with the answers but to find the next page."""
    headers = {"Authorization": f"Bearer {at.key}"}
    async with httpx.AsyncClient(base_url=at.url, headers=headers, timeout=60, trust_env=False) as client:

        async def ask(method: str, path: str, **options: Any) -> Any:
            while True:
                answer = await client.request(method, path, **options)
                if answer.status_code != 429:
                    return answer.json()
                await asyncio.sleep(until_reset(answer.headers, time.time()) or 1)

        await client.get(f"/admin/v1/orgs/{at.org_id}")
        await client.get(f"/admin/api-access/v1/orgs/{at.org_id}/api-tokens/count")
        await client.get(f"/admin/v2/orgs/{at.org_id}/directories/-/users/count?claimStatus=managed")
        batches: asyncio.Queue[list[str] | None] = asyncio.Queue()

        async def tokens() -> None:
            params: dict[str, str | int] = {"pageSize": 100}
            while True:
                page = await ask("GET", f"/admin/api-access/v1/orgs/{at.org_id}/api-tokens", params=params)
                if not page["links"].get("next"):
                    return
                params["cursor"] = page["links"]["next"]

        async def users() -> None:
            question: dict[str, object] = {"claimStatus": "managed", "limit": 100}
            question["expand"] = ["productAccess", "platformRoles"]
            while True:
                path = f"/admin/v2/orgs/{at.org_id}/directories/-/users/search"
                page = await ask("POST", path, json=question)
                ids = [user["accountId"] for user in page["data"]]
                for start in range(0, len(ids), BATCH):
                    batches.put_nowait(ids[start : start + BATCH])
                if not page["links"].get("next"):
                    break
                question["cursor"] = page["links"]["next"]
            for _ in range(3):
                batches.put_nowait(None)

        async def policies() -> None:
            path = f"/admin/control/v1/orgs/{at.org_id}/users/auth-policies/bulk-fetch"
            while (ids := await batches.get()) is not None:
                await ask("POST", path, json={"accountIds": ids})

        async with asyncio.TaskGroup() as group:
            group.create_task(tokens())
            group.create_task(users())
            for _ in range(3):
                group.create_task(policies())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1204)
    parser.add_argument("--tokens", type=int, default=82)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    ratios: list[float] = []
    ours: list[float] = []
    works: list[float] = []
    beyond: list[float] = []
    with tempfile.TemporaryDirectory() as folder, served(options.users, options.tokens) as at:
        asyncio.run(bare(at))  # the server's first answers cost more than its later ones
        for _ in range(options.pairs):
            begun, cpu = time.perf_counter(), time.process_time()
            asyncio.run(bare(at))
            loop = time.perf_counter() - begun
            bare_work = time.process_time() - cpu
            begun, cpu = time.perf_counter(), time.process_time()
            asyncio.run(pulled(at, Path(folder)))
            ours.append(time.perf_counter() - begun)
            works.append(time.process_time() - cpu)
            beyond.append(works[-1] - bare_work)
            ratios.append(ours[-1] / loop)
        size = current_snapshot(Path(folder)).stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.users:,} users, {options.tokens:,} tokens, {options.pairs} pairs, {os.cpu_count()} cores")
    print(f"pull / bare loop   {min(ratios):.2f}  {median(ratios):.2f}  {max(ratios):.2f}   (least, median, most)")
    print(f"pull, seconds      {min(ours):.2f}  {median(ours):.2f}  {max(ours):.2f}")
    print(f"own CPU, seconds   {min(works):.2f}  {median(works):.2f}  {max(works):.2f}")
    print(f"  beyond the loop  {min(beyond):.2f}  {median(beyond):.2f}  {max(beyond):.2f}")
    print(f"peak memory        {peak:.0f} MB   snapshot {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

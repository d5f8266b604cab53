"""`tokendesk check`: what this key can do, which endpoint says so, what would help."""

import argparse
import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import asdict

from tokendesk.api.client import connected
from tokendesk.config import Settings, load_settings
from tokendesk.model.text import clean
from tokendesk.running.access import Access, access
from tokendesk.running.check import Capability, check_key
from tokendesk.running.keys import revoking_key

_NEEDED = ("tokens", "users")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    with access(settings) as way:
        found = asyncio.run(_check(settings, way))
    if options.json:
        print(json.dumps([asdict(capability) for capability in found]))
    else:
        for line in table(found):
            print(line)
    return 3 if any(c.answer == "no" for c in found if c.name in _NEEDED) else 0


async def _check(settings: Settings, way: Access) -> list[Capability]:
    second = revoking_key(settings)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(way.api_url, way.key))
        revoking = await stack.enter_async_context(connected(way.api_url, second)) if second else None
        return await check_key(client, way.org_id, revoking, int(time.time()))


def table(found: list[Capability]) -> list[str]:
    return [f"{c.name:<18}{c.answer:<9}{c.endpoint:<24}{clean(c.words)}".rstrip() for c in found]

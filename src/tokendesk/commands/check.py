"""`tokendesk check`: what this key can do, which endpoint says so, what would help."""

import argparse
import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import asdict

from tokendesk.api.client import connected
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.model.text import clean
from tokendesk.running.access import Access, access
from tokendesk.running.check import Capability, check_key

_NEEDED = ("tokens", "users")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    found = [*check_desk(settings), *check_never_touch(settings)]
    if not options.json:
        _print(found)  # it needs neither a key nor the network, and is said whatever becomes of the rest
    with access(settings) as way:
        of_key = asyncio.run(_check(way))
    if options.json:
        print(json.dumps([asdict(capability) for capability in (*found, *of_key)]))
    else:
        _print(of_key)
    if any(c.answer == "no" for c in of_key if c.name in _NEEDED):
        return 3
    if any(c.answer == "unknown" for c in of_key if c.name in _NEEDED):
        return 4
    return 1 if any(c.answer == "no" for c in found if c.name == "desk") else 0


def _print(found: list[Capability]) -> None:
    for line in table(found):
        print(line, flush=True)


def check_desk(settings: Settings) -> list[Capability]:
    """Say whether the entries of the profile's desk are what was written; nothing where there is no desk yet."""
    from tokendesk.desk.chain import check_chain

    path = settings.places.desk
    if settings.places.file is not None or not path.exists():
        return []
    with Desk(path) as desk:
        chain = check_chain(desk)
    entries = f"{chain.entries:,} entr{'y' if chain.entries == 1 else 'ies'}"
    whole = f"{entries} of {chain.desks:,} desk{'s' * (chain.desks != 1)}"
    found = [Capability("desk", "no", path.name, problem) for problem in chain.problems]
    found += [Capability("desk", "yes", path.name, remark) for remark in chain.remarks]
    return found or [Capability("desk", "yes", path.name, f"{whole}, all as they were written")]


def check_never_touch(settings: Settings) -> list[Capability]:
    """Say which addresses that are never to be touched nobody has by the last pull; nothing where all is well."""
    from tokendesk.views.never_touch import said_of_never_touch

    words = said_of_never_touch(settings)
    return [Capability("never-touch list", "no", settings.places.config_file.name, words)] if words else []


async def _check(way: Access) -> list[Capability]:
    second = way.revoking_key()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(way.api_url, way.key))
        revoking = await stack.enter_async_context(connected(way.api_url, second)) if second else None
        return await check_key(client, way.org_id, revoking, int(time.time()))


def table(found: list[Capability]) -> list[str]:
    return [f"{c.name:<18}{c.answer:<9}{c.endpoint:<24}{clean(c.words)}".rstrip() for c in found]

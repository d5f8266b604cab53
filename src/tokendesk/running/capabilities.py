"""All that `check` tells: the state of the desk, and what the key can do; as rows and as lines."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tokendesk.api.client import open_client
from tokendesk.config import Settings
from tokendesk.desk.chain import check_chain
from tokendesk.desk.entries import Desk
from tokendesk.model.secret import Secret
from tokendesk.model.text import clean
from tokendesk.paths import folders_open_to_others
from tokendesk.running.access import Access
from tokendesk.running.check import Capability, check_key


def check_desk(settings: Settings) -> list[Capability]:
    """Say whether the entries of the profile's desk are what was written; nothing where there is no desk yet."""
    path = settings.places.desk
    if settings.places.file is not None or not path.exists():
        return []
    with Desk(path) as desk:
        chain = check_chain(desk)
    entries = f"{chain.entries:,} entr{'y' if chain.entries == 1 else 'ies'}"
    whole = f"{entries} of {chain.desks:,} desk{'s' * (chain.desks != 1)}"
    found = [Capability("desk", "no", path.name, problem) for problem in chain.problems]
    found += [Capability("desk", "yes", path.name, remark) for remark in chain.remarks]
    found += [Capability("desk", "yes", path.name, f"{words}.") for words in chain.clocks]
    return found or [Capability("desk", "yes", path.name, f"{whole}, all as they were written")]


def check_folders(settings: Settings) -> list[Capability]:
    """Say which of the folders are open to others, although each command that writes closes them."""
    return [
        Capability(
            "folder",
            "no",
            folder.name,
            f"others can look into {folder}, and it could not be closed to them: if it is yours, use chmod 700; "
            "else choose another with TOKENDESK_HOME",
        )
        for folder in folders_open_to_others(settings.places)
    ]


def check_never_touch(settings: Settings, words: str) -> list[Capability]:
    """Pass on what is wrong with the never-touch list; nothing where all is well."""
    return [Capability("never-touch list", "no", settings.places.config_file.name, words)] if words else []


async def of_key(way: Access, second: Secret | None) -> list[Capability]:
    """Say what the key can do, by reading only. `second`: the key without scopes, where there is one."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(way.api_url, way.key))
        revoking = await stack.enter_async_context(open_client(way.api_url, second)) if second else None
        return await check_key(client, way.org_id, revoking, int(time.time()))


def table(found: Sequence[Capability]) -> list[str]:
    return [f"{c.name:<18}{c.answer:<9}{c.endpoint:<24}{clean(c.words)}".rstrip() for c in found]

"""The checks of `tokendesk check`: the state of the desk and what the key can do, as rows and as lines."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tokendesk.api.client import open_client
from tokendesk.config import Settings
from tokendesk.desk.chain import check_chain
from tokendesk.desk.entries import Desk
from tokendesk.errors import TokendeskError
from tokendesk.model.secret import Secret
from tokendesk.model.text import printable
from tokendesk.paths import folders_open_to_others
from tokendesk.running.access import ApiAccess
from tokendesk.running.check import Capability, check_key
from tokendesk.sqlite import is_there


def check_desk(settings: Settings) -> list[Capability]:
    """Check that the desk's entries are unchanged; empty if there is no desk yet."""
    path = settings.paths.desk
    if settings.paths.file is not None or not is_there(path, "desk"):
        return []
    with Desk(path) as desk:
        chain = check_chain(desk)
    entries = f"{chain.entries:,} entr{'y' if chain.entries == 1 else 'ies'}"
    whole = f"{entries} of {chain.desks:,} desk{'s' * (chain.desks != 1)}"
    found = [Capability("desk", "no", path.name, problem) for problem in chain.problems]
    found += [Capability("desk", "yes", path.name, remark) for remark in chain.remarks]
    found += [Capability("desk", "yes", path.name, f"{words}.") for words in chain.clocks]
    return found or [Capability("desk", "yes", path.name, f"{whole}, all unchanged")]


def check_shared(settings: Settings) -> list[Capability]:
    """Check the team's database; empty if desks share none, or this one was never pulled for."""
    if not isinstance(settings.share, str) or settings.paths.file is not None:
        return []
    org_id = settings.org_id
    if is_there(settings.paths.desk, "desk"):
        with Desk(settings.paths.desk) as desk:
            org_id = desk.org_id
    if org_id is None:
        return []
    from tokendesk.team.checking import check_team

    try:
        found = check_team(settings.share, org_id)
    except TokendeskError as error:
        return [Capability("team", "unknown", "database", str(error))]
    if found.problems:
        return [Capability("team", "no", "database", words) for words in found.problems]
    whole = f"{found.entries:,} entr{'y' if found.entries == 1 else 'ies'} of {found.desks:,} desk"
    return [Capability("team", "yes", "database", f"{whole}{'s' * (found.desks != 1)}, all unchanged")]


def check_folders(settings: Settings) -> list[Capability]:
    """List the folders that other users can access, although each command that writes restricts them."""
    return [
        Capability(
            "folder",
            "no",
            folder.name,
            f"other users can read {folder}, and its permissions could not be changed: if it is yours, use chmod 700; "
            "otherwise choose another folder with TOKENDESK_HOME",
        )
        for folder in folders_open_to_others(settings.paths)
    ]


def check_never_touch(settings: Settings, words: str) -> list[Capability]:
    """Return what is wrong with the never-touch list; empty if it is fine."""
    return [Capability("never-touch list", "no", settings.paths.config_file.name, words)] if words else []


async def check_capabilities(access: ApiAccess, revoke_key: Secret | None) -> list[Capability]:
    """Check what the key can do, with read requests only. `revoke_key`: the key without scopes, if there is one."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(access.api_url, access.key))
        revoking = await stack.enter_async_context(open_client(access.api_url, revoke_key)) if revoke_key else None
        return await check_key(client, access.org_id, revoking, int(time.time()))


def format_table(found: Sequence[Capability]) -> list[str]:
    return [f"{c.name:<18}{c.answer:<9}{c.endpoint:<24}{printable(c.words)}".rstrip() for c in found]

"""`tokendesk check --probe FILE`: shows the result of the probe, and writes it after confirmation."""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tokendesk import __version__
from tokendesk.api.client import open_client
from tokendesk.commands.stdout import standard_output, urgent_stderr
from tokendesk.config import Settings
from tokendesk.errors import Refused, UsageError
from tokendesk.paths import open_private, refuse_own_files
from tokendesk.running.access import ApiAccess, open_access
from tokendesk.running.probe import SEND_TO, Probe


def run_probe(settings: Settings, target: Path, *, limits: bool) -> int:
    """Run the probe, print the result on standard error, and write it; on a terminal only after a yes."""
    refuse_own_files(settings.paths, target)
    _refuse(target)
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}. Choose another file.")
    text = _probe(settings, limits=limits)
    print(text, end="", file=urgent_stderr(), flush=True)
    is_there = _exists(target)
    if _can_prompt() and not _confirmed(target, is_there):
        print("Nothing was written.", file=sys.stderr)
        return 0
    try:
        _write(target, text, replace_it=is_there and _can_prompt())
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}. Choose another file.") from error
    print(f"Wrote {target}. {SEND_TO}", file=sys.stderr)
    return 0


def print_probe(settings: Settings, *, limits: bool) -> int:
    """Run the probe, and print the result on standard output."""
    print(_probe(settings, limits=limits), end="", file=standard_output())
    print(SEND_TO, file=sys.stderr)
    return 0


def _probe(settings: Settings, *, limits: bool) -> str:
    with open_access(settings) as access:
        found = asyncio.run(_send_requests(access, limits))
    return json.dumps({"tokendesk": __version__, **found}, indent=2, ensure_ascii=False) + "\n"


async def _send_requests(access: ApiAccess, limits: bool) -> dict[str, Any]:
    second = access.revoking_key()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(access.api_url, access.key))
        revoking = await stack.enter_async_context(open_client(access.api_url, second)) if second else None
        probe = Probe(client, access.org_id, revoking=revoking, report=_report)
        return await probe.run(limits=limits)


def _report(title: str) -> None:
    print(f"requesting: {title}", file=sys.stderr, flush=True)


def _can_prompt() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _exists(target: Path) -> bool:
    # Not `exists`: a dangling link counts too.
    return os.path.lexists(target)


def _refuse(target: Path) -> None:
    if not _exists(target):
        return
    if not target.is_file():
        raise UsageError(f"{target} is not a file. Choose another file.")
    if not _can_prompt():
        raise Refused(f"{target} already exists: choose another file, or run this on a terminal, where it asks first.")


def _write(target: Path, text: str, *, replace_it: bool) -> None:
    """Write the file for this user only, never over a file without confirmation. Raises OSError."""
    draft = target.with_name(f".{target.name}-{os.getpid()}.unfinished") if replace_it else target
    file = open_private(draft, must_be_new=True)
    try:
        with file:
            file.write(text)
        if replace_it:
            os.replace(draft, target)  # noqa: PTH105 - replace, whole or not at all
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _confirmed(target: Path, is_there: bool) -> bool:
    asked = f"{target} already exists. Replace it?" if is_there else f"Write this to {target}?"
    question = f"{asked} It stays on this computer until you send it. [y/N] "
    print(question, end="", file=urgent_stderr(), flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")

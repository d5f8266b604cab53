"""`tokendesk check --probe FILE`: shows what the probe found, and writes it where that is wanted."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tokendesk import __version__
from tokendesk.api.client import connected
from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.paths import refuse_own
from tokendesk.running.access import Access, access
from tokendesk.running.probe import SEND_TO, Probe


def probe_into(settings: Settings, target: Path, *, limits: bool) -> int:
    """Ask, print on standard error what is to be written, and write it; on a terminal only after a yes."""
    refuse_own(settings.places, target)
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}. Choose another file.")
    with access(settings) as way:
        found = asyncio.run(_ask(way, limits))
    text = json.dumps({"tokendesk": __version__, **found}, indent=2, ensure_ascii=False) + "\n"
    print(text, end="", file=sys.stderr, flush=True)
    if _may_ask() and not _agreed(target):
        print("Nothing was written.", file=sys.stderr)
        return 0
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}. Choose another file.") from error
    print(f"Wrote {target}. {SEND_TO}", file=sys.stderr)
    return 0


async def _ask(way: Access, limits: bool) -> dict[str, Any]:
    second = way.revoking_key()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(way.api_url, way.key))
        revoking = await stack.enter_async_context(connected(way.api_url, second)) if second else None
        probe = Probe(client, way.org_id, revoking=revoking, report=_report)
        return await probe.ask_all(limits=limits)


def _report(title: str) -> None:
    print(f"asking: {title}", file=sys.stderr, flush=True)


def _may_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _agreed(target: Path) -> bool:
    question = f"Write this to {target}? It stays on this computer until you send it. [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")

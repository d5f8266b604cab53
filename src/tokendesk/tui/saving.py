"""Asks for a file name and writes a document there."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.screen import Screen

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.tui.screens.prompt import PromptDialog


async def save_from(screen: Screen[Any], title: str, hint: str, name: str, write: Callable[[Path], None]) -> None:
    """Ask for the name of a new file, write it, and say where it is. Call it from a worker."""

    def save(given: str) -> Path:
        path = Path(given).expanduser().absolute()
        if path.exists():
            raise UsageError(f"{path} already exists. Choose another name.")
        write(path)
        return path

    given = await screen.app.push_screen_wait(PromptDialog(title, hint, name))
    if not given:
        return
    try:
        path = await asyncio.to_thread(save, given)
    except TokendeskError as error:
        screen.notify(str(error), severity="error", timeout=10)
        return
    screen.notify(f"Written: {path}", title=title, timeout=8)


def write_run_report(settings: Settings, run_id: str, now: int, path: Path) -> None:
    from tokendesk.model.text import printable
    from tokendesk.reporting.document import document_format, save_document
    from tokendesk.reporting.run_report import run_document
    from tokendesk.running.migration import open_reader
    from tokendesk.views.journal import run_head, run_page

    with open_reader(settings.paths, settings.thresholds) as reader:
        page = run_page(reader, run_id)
        if page is None:
            raise UsageError("The run is no longer in the journal. Open it again with 5.")
        org = (
            printable(f"{reader.info.org_name or reader.info.org_id} ({reader.info.org_id})")
            if reader.info
            else "unknown"
        )
        document = run_document(page, run_head(reader, run_id), org, now)
    save_document(document, document_format(str(path), None), path)

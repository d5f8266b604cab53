"""Pulls the organization, and its audit events."""

import asyncio
import sqlite3
from contextlib import suppress

from tokendesk.errors import TokendeskError
from tokendesk.model.text import printable
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, warning
from tokendesk.tui.selection import Selection

_KEYS = "C cancels"


async def pull(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Pull a new snapshot and show it; in the middle of a first pull, show what is there."""
    return await _pull(ctx, ui)


async def pull_tokens(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Pull tokens, their owners and the owners' policies, and show them; other users stay."""
    return await _pull(ctx, ui, tokens_only=True)


async def refresh(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Do the same as `pull`, and say only what went wrong: nobody asked for it now."""
    return await _pull(ctx, ui, quietly=True)


async def refresh_tokens(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Do the same as `pull_tokens`, and say only what went wrong."""
    return await _pull(ctx, ui, tokens_only=True, quietly=True)


async def _pull(ctx: AppContext, ui: Ui, *, tokens_only: bool = False, quietly: bool = False) -> Outcome:
    from tokendesk.running.never_touch import describe_never_touch_problems
    from tokendesk.running.pull import (
        PULL_DAILY_HINT,
        describe_pull,
        describe_unknown_policies,
        describe_unread_credentials,
        is_first_pull,
        pull_profile,
    )
    from tokendesk.views.since_last_pull import describe_absence_before_pull

    access, paths = ctx.connection.access, ctx.settings.paths
    if access is None:
        return NOTHING
    first = is_first_pull(paths)
    activity = ui.activity("Pulling tokens" if tokens_only else "Pulling", _KEYS)

    def note(words: str) -> None:
        if not quietly:
            ui.notify(Notice(printable(words), seconds=15))

    shown = paths.snapshot
    kept = "The old snapshot is untouched." if shown.exists() else ""

    async def show(_: SnapshotInfo) -> None:
        nonlocal kept, shown
        shown = paths.snapshot
        kept = "Tokens and their owners are here. Pull again for the other users."
        with suppress(TokendeskError, sqlite3.Error):  # the end of the pull shows all
            await ui.refresh(Refresh.FILES)

    try:
        info = await pull_profile(
            ctx.settings, access, activity.progress, activity.waiting, on_note=note, tokens_only=tokens_only,
            on_part=show,
        )  # fmt: skip
    except TokendeskError as error:
        if paths.snapshot != shown:  # it failed after that; the file watcher shows it
            kept = "The new snapshot is here all the same."
        return Outcome(notice=Notice(f"{error} {kept}".rstrip(), "error", "Pull failed", 15))
    finally:
        activity.end()
    await ui.refresh(Refresh.FILES)
    if quietly:
        return NOTHING
    ui.notify(Notice(describe_pull(info), title="Pulled", seconds=6))
    if unknown := describe_unknown_policies(info):
        ui.notify(warning(unknown, "Not known", 20))
    if unread := describe_unread_credentials(info):
        ui.notify(warning(unread, "Not read", 20))
    if words := await asyncio.to_thread(describe_never_touch_problems, ctx.settings):
        ui.notify(warning(words, seconds=15))
    if absence := await asyncio.to_thread(describe_absence_before_pull, paths, ctx.settings.thresholds, ctx.now()):
        ui.notify(Notice(absence, title="While nobody pulled", seconds=30))
    elif first and not ctx.settings.is_demo:
        ui.notify(Notice(PULL_DAILY_HINT, seconds=15))
    return NOTHING


async def pull_events(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Continue reading the audit log."""
    from tokendesk.running.events import describe_result
    from tokendesk.running.events import pull_events as read_on

    access = ctx.connection.access
    if access is None:
        return NOTHING
    activity = ui.activity("Pulling", _KEYS)
    try:
        read = await read_on(ctx.settings, access, activity.progress, activity.waiting)
    except TokendeskError as error:
        return Outcome(notice=Notice(f"{error} What was read stays.", "error", "Audit events", 15))
    finally:
        activity.end()
    return Outcome(Refresh.FILES, notice=Notice(describe_result(read), title="Audit events", seconds=8))

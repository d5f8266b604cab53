"""Recovers this desk's interrupted runs in the background at the start, and warns of those of other desks."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day_and_time, parse_timestamp
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, warning
from tokendesk.tui.searching import NOT_SETTLED, describe_set_aside
from tokendesk.tui.selection import Selection

if TYPE_CHECKING:
    from tokendesk.running.recover import UnfinishedRun
    from tokendesk.running.run_context import RunProgress
    from tokendesk.views.reader import Reader

_TITLE = "A run was interrupted"


async def recover_interrupted_runs(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    paths = ctx.settings.paths
    if paths.file is not None or not paths.desk.exists() or not await ctx.store.query(_has_unfinished):
        return NOTHING
    ours, others = await asyncio.to_thread(_unfinished, ctx.settings)
    for run in others:
        began = day_and_time(parse_timestamp(run.began))
        words = (
            f"{printable(run.author)} began run {run.run_id[:8]} at another desk on {began}; its end is not known here."
            " Ask before you change the same users."
        )
        ui.notify(warning(words, "A run of another desk has not ended", 15))
    return await _settle(ctx, ui) if ours else NOTHING


def _has_unfinished(reader: "Reader") -> bool:
    return reader.db.execute("SELECT 1 FROM desk.run WHERE ended IS NULL LIMIT 1").fetchone() is not None


def _unfinished(settings: Settings) -> "tuple[list[UnfinishedRun], list[UnfinishedRun]]":
    from tokendesk.desk.entries import Desk
    from tokendesk.running.recover import unfinished_runs

    with Desk(settings.paths.desk, author=settings.author) as desk:
        found = unfinished_runs(desk)
    return [run for run in found if run.is_ours], [run for run in found if not run.is_ours]


async def _settle(ctx: AppContext, ui: Ui) -> Outcome:
    from tokendesk.running.apply import RunCallbacks, settle_unfinished
    from tokendesk.views.run_rows import describe_outcomes
    from tokendesk.views.run_view import run_view

    access = ctx.connection.access
    if access is None:
        words = "Its outcome will be looked up when there is a connection to the organization. 5 shows it."
        return Outcome(notice=warning(words, _TITLE, 12))
    activity = ui.activity("Looking up the outcome of an interrupted run")

    control = ctx.recovery
    control.has_enough = False

    def report(progress: "RunProgress") -> None:
        control.search = progress.search
        if progress.search is not None:
            activity.say(f"{printable(progress.search.message)} · ctrl+c ends the search")
        else:
            activity.say(printable(progress.message) or counted(progress.done, "row"))

    def set_aside(run: "UnfinishedRun", error: TokendeskError) -> None:
        ui.notify(warning(describe_set_aside(run, error), NOT_SETTLED, 15))

    activity.say("asking")
    means = RunCallbacks(
        report,
        activity.waiting,
        sleep=ctx.clock.sleep,
        stop_searching=lambda: control.has_enough,
        on_set_aside=set_aside,
    )
    try:
        settled = await settle_unfinished(ctx.settings, access, means)
    except TokendeskError as error:
        words = f"Its outcome is not known yet: {error} The next start tries again."
        return Outcome(notice=warning(words, _TITLE, 15))
    finally:
        control.search = None
        activity.end()
    await ui.refresh(Refresh.FILES)
    for run in settled:
        facts = await ctx.store.query(partial(run_view, run_id=run.run_id, now=ctx.now()))
        if facts is not None:
            title = facts.page.title
            words = f"{title[:1].upper()}{title[1:]}: {describe_outcomes(facts.rows)}. 5 shows it."
            ui.notify(Notice(printable(words), title="An interrupted run is settled", seconds=12))
    return NOTHING

"""Opens and undoes runs of the journal."""

import asyncio

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Refresh, Ui
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.selection import Selection


async def undo_run(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Review a plan that undoes the run under the cursor."""
    run_id = _run_under_cursor(ctx, selection)
    return await take_back(ctx, ui, run_id) if run_id else NOTHING


async def open_run(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    run_id = _run_under_cursor(ctx, selection)
    return await show_run(ctx, ui, run_id) if run_id else NOTHING


async def take_back(ctx: AppContext, ui: Ui, run_id: str) -> Outcome:
    from tokendesk.tui.flows.review import plan_undo, review

    return await review(ctx, ui, await plan_undo(ctx, run_id), pane="journal")


async def show_run(ctx: AppContext, ui: Ui, run_id: str) -> Outcome:
    """Show the page of a run, which can be undone from there."""
    from tokendesk.running.apply import give_up_run
    from tokendesk.tui.screens.run_page import RunPageScreen
    from tokendesk.views.run_view import run_view

    now = ctx.now()
    facts = await ctx.store.query(lambda reader: run_view(reader, run_id, now))
    if facts is None:
        return NOTHING
    end = await ui.ask(RunPageScreen(ctx.settings, ctx.connection.access, now, facts))
    if end is not None and end.undo:
        return await take_back(ctx, ui, run_id)
    if end is not None and end.give_up:
        await asyncio.to_thread(give_up_run, ctx.settings, ctx.connection.access, run_id, end.give_up)
        await ui.refresh(Refresh.FILES)
        return await show_run(ctx, ui, run_id)
    return NOTHING


def _run_under_cursor(ctx: AppContext, selection: Selection) -> str | None:
    row = row_under_cursor(ctx, selection)
    return row["run_id"] if row else None

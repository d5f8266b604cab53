"""Shows quarantines and carries out the answers to them."""

import asyncio

from tokendesk.config import Settings
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.model.plan import Plan
from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import data_source_label
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, failure
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Reader

_HOW = {
    "put-back": "everybody is back where they were",
    "revoke": "the tokens are revoked",
    "keep": "all stays as it is",
}


async def quarantine(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    from tokendesk.tui.flows.undo_run import show_run
    from tokendesk.tui.screens.quarantine import QuarantineScreen
    from tokendesk.views.quarantine import quarantines

    while True:
        found = await ctx.store.query(quarantines)
        if not found:
            words = "Nobody is in quarantine. In the review of a move to a policy that blocks tokens, t sets the day."
            return Outcome(notice=Notice(words))
        titles, now = await ctx.store.query(_run_titles), ctx.now()
        info = ctx.store.ui_reader.info
        source = data_source_label(ctx.settings, ctx.connection.access, info.tokens_at if info else None, now)
        path = [printable(info.org_name or info.org_id)] if info else []
        answered = await ui.ask(QuarantineScreen(found, titles, path, source, now))
        if answered is None:
            return NOTHING
        if answered.how == "open":
            await show_run(ctx, ui, answered.run_id)
            continue
        try:
            await _answer(ctx, ui, answered.run_id, answered.how)
        except TokendeskError as error:
            ui.notify(failure(error))


def _run_titles(reader: Reader) -> dict[str, str]:
    from tokendesk.model.runs import run_title

    rows = reader.db.execute("SELECT run_id, kind, planned, target FROM journal_row")
    return {row["run_id"]: run_title(row["kind"], row["planned"], row["target"]) for row in rows}


async def _answer(ctx: AppContext, ui: Ui, run_id: str, how: str) -> None:
    """Review the plan of the answer; the quarantine ends when nothing is left to do."""
    from tokendesk.tui.flows.review import review
    from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
    from tokendesk.views.quarantine import open_reason

    if ctx.settings.paths.file is not None:
        raise UsageError("A saved snapshot is read-only. Answer on the profile's own desk.")
    plan = await _asked_for(ctx, run_id, how)
    if plan is None:
        about = "Everybody stays where they are, and there are no more reminders."
        if not await ui.ask(ConfirmPhraseDialog("End quarantine", about, "keep", "Keep them there")):
            return
    elif open_reason(plan, how):
        await review(ctx, ui, plan, pane="journal")
        plan = await _asked_for(ctx, run_id, how)
        if plan is not None and plan.rows_to_do:
            return
        if plan is not None and (why := open_reason(plan, how)):
            raise Refused(why)
    await asyncio.to_thread(_end, ctx.settings, run_id, how)
    await ui.refresh(Refresh.FILES)
    ui.notify(Notice(f"The quarantine has ended: {_HOW[how]}."))


async def _asked_for(ctx: AppContext, run_id: str, how: str) -> Plan | None:
    from tokendesk.views.planning import planner
    from tokendesk.views.quarantine import answer_plan

    by = planner(ctx.settings, ctx.now())
    return await ctx.store.query(lambda reader: answer_plan(reader, run_id, how, by))


def _end(settings: Settings, run_id: str, how: str) -> None:
    from tokendesk.desk.entries import Desk
    from tokendesk.desk.quarantine import end_quarantine

    with Desk(settings.paths.desk, author=settings.author) as desk:
        end_quarantine(desk, run_id, how)

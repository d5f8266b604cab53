"""Reviews a plan, and runs it after its phrase was typed. No run starts without a review."""

from collections.abc import Collection, Sequence

from tokendesk.model.plan import REVOKE, Plan
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.screens.run_page import RunEnd
from tokendesk.views.access_details import facts_of_account
from tokendesk.views.facts import Fact
from tokendesk.views.run_view import RunView


async def review(ctx: AppContext, ui: Ui, plan: Plan, *, pane: str = "", hidden: Collection[str] = ()) -> Outcome:
    """`pane`: the pane whose marks made the plan; rows that failed stay marked there.

    `hidden`: marked records that a filter hides.
    """
    todo = plan
    while True:
        reviewed = await ui.ask(_screen(ctx, todo, hidden))
        if reviewed is None:
            return NOTHING
        end = await _run(ctx, ui, reviewed.chosen)
        if end.refused:
            ui.notify(Notice(end.refused, "error", "Nothing was sent", 12))
            todo = reviewed.plan
            continue
        _mark_what_is_left(ctx, reviewed.chosen, end, pane)
        await ui.refresh(Refresh.FILES)
        if end.undo:
            todo, hidden = await plan_undo(ctx, end.run_id), ()
        elif reviewed.rest is not None:
            todo = reviewed.rest
        else:
            return NOTHING


def _screen(ctx: AppContext, plan: Plan, hidden: Collection[str]) -> ReviewScreen:
    from tokendesk.running.apply_permission import apply_blocked_by

    access, reason = ctx.connection.access, ctx.connection.offline_reason

    def blocked_by(plan: Plan) -> str:
        return apply_blocked_by(ctx.settings, access, plan, offline_reason=reason)

    async def key_blocked_by() -> str:
        """Check in the background whether the key may revoke at all."""
        from tokendesk.running.revoke_permission import revoke_blocked_by

        asks = plan.kind == REVOKE and plan.rows_to_do and ctx.settings.allow_writes
        return await revoke_blocked_by(access, plan.rows_to_do[0].account_id) if access is not None and asks else ""

    def access_of(account_id: str) -> Sequence[Fact]:
        return facts_of_account(ctx.store.ui_reader, account_id, ctx.now())

    return ReviewScreen(
        plan, ctx.settings, access, blocked_by, ctx.clock.now, _hidden_records(plan, hidden), key_blocked_by, access_of
    )


async def _run(ctx: AppContext, ui: Ui, plan: Plan) -> RunEnd:
    from tokendesk.tui.screens.run import RunScreen

    access = ctx.connection.access
    if access is None:
        return RunEnd("", refused=ctx.connection.offline_reason)
    run = RunScreen(
        plan, ctx.settings, access, ctx.now(), lambda run_id: facts_of(ctx, ui, run_id), ctx.clock.sleep,
        ctx.clock.moment,
    )  # fmt: skip
    return await ui.ask(run) or RunEnd("")


async def facts_of(ctx: AppContext, ui: Ui, run_id: str) -> RunView | None:
    """Read a run from the desk, whose file may be new."""
    from tokendesk.views.run_view import run_view

    await ui.refresh(Refresh.FILES)
    return await ctx.store.query(lambda reader: run_view(reader, run_id, ctx.now()))


async def plan_undo(ctx: AppContext, run_id: str) -> Plan:
    from tokendesk.views.planning import planner
    from tokendesk.views.undo import undo_plan

    by = planner(ctx.settings, ctx.now())
    return await ctx.store.query(lambda reader: undo_plan(reader, run_id, by))


def _mark_what_is_left(ctx: AppContext, plan: Plan, end: RunEnd, pane: str) -> None:
    """Unmark rows that succeeded; mark the rest."""
    good = {row.record for row in end.rows if row.is_good}
    for row in plan.rows_to_do:
        on = row.record not in good
        if pane == "users" or not on:
            ctx.marks.put("users", (row.account_id,), on)
        if pane == "tokens" or not on:
            ctx.marks.put("tokens", (token.token_id for token in row.tokens if token.selected), on)


def _hidden_records(plan: Plan, hidden: Collection[str]) -> set[str]:
    """Return the records of the plan that had no row on screen. `hidden`: token or account ids."""
    found = set()
    for row in plan.rows if hidden else ():
        meant = [token.token_id for token in row.tokens if token.selected]
        if row.account_id in hidden or (meant and all(token_id in hidden for token_id in meant)):
            found.add(row.record)
    return found

"""Revokes tokens."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.flows.subjects import acted_on
from tokendesk.tui.selection import Selection


async def revoke(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.tui.flows.review import review
    from tokendesk.views.planning import planner, revoke_tokens

    records, hidden = await acted_on(ctx, ui, selection)
    if not records:
        return NOTHING
    by = planner(ctx.settings, ctx.now())
    plan = await ctx.store.query(lambda reader: revoke_tokens(reader, sorted(reader.rows_of("tokens", records)), by))
    return await review(ctx, ui, plan, pane="tokens", hidden=hidden)

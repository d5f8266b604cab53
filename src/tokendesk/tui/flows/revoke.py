"""Revoking tokens."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.flows.marks import acted_on
from tokendesk.tui.selection import Selection


async def revoke(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.tui.flows.review import review
    from tokendesk.views.planning import planner, revoke_tokens

    ids, hidden = await acted_on(ctx, ui, selection)
    if not ids:
        return NOTHING
    by = planner(ctx.settings, ctx.now())
    plan = await ctx.store.query(lambda reader: revoke_tokens(reader, ids, by))
    return await review(ctx, ui, plan, pane="tokens", hidden=hidden)

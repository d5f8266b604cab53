"""Moves users, or the owners of tokens, to another policy."""

from collections.abc import Collection

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.flows.subjects import acted_on
from tokendesk.tui.selection import Selection


async def move(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    records, hidden = await acted_on(ctx, ui, selection)
    return await move_records(ctx, ui, selection.pane, records, hidden) if records else NOTHING


async def move_records(
    ctx: AppContext, ui: Ui, pane: str, records: Collection[str], hidden: Collection[str] = ()
) -> Outcome:
    """Ask for the target of these users, or of these tokens' owners; then review the plan."""
    from tokendesk.tui.flows.review import review
    from tokendesk.tui.screens.policy_picker import PolicyPicker
    from tokendesk.views.planning import move_owners, move_users, planner
    from tokendesk.views.policies import policy_choices

    many = len(records)
    whom = "user" if pane == "users" else "the owner"
    if many > 1:
        whom = f"{many:,} users" if pane == "users" else f"the owners of {many:,} tokens"
    choices = await ctx.store.query(policy_choices)
    hint = "Nothing is sent yet: the plan is reviewed next."
    target = await ui.ask(PolicyPicker(f"Move {whom} to a policy", hint, choices))
    if target is None:
        return NOTHING
    plans, by = (move_users if pane == "users" else move_owners), planner(ctx.settings, ctx.now())
    plan = await ctx.store.query(lambda reader: plans(reader, sorted(reader.rows_of(pane, records)), target, by))
    return await review(ctx, ui, plan, pane=pane, hidden=hidden)

"""Shows what stops if a policy blocks tokens, and opens the next step."""

from typing import TYPE_CHECKING

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.navigation import Place
from tokendesk.tui.selection import Selection
from tokendesk.views.query import Query, Scope

if TYPE_CHECKING:
    from tokendesk.model.readiness import Step as ReadinessStep


async def readiness(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.tui.screens.readiness import ReadinessScreen
    from tokendesk.views.readiness import policy_readiness

    policy_id = await _policy(ctx, ui, selection)
    if policy_id is None:
        return NOTHING
    now = ctx.now()
    while True:
        found = await ctx.store.query(lambda reader: policy_readiness(reader, policy_id, ctx.now()))
        chosen = await ui.ask(ReadinessScreen(ctx.settings, found, ctx.source_label, ctx.org_title, now))
        if chosen is None:
            return NOTHING
        if not chosen.plan:
            scope = Scope(f"{found.name}: {chosen.step.title}", chosen.step.filter)
            return Outcome(step=Place(Query("tokens", scopes=(scope,)), policy_id))
        outcome = await _plan_for(ctx, ui, chosen.step)
        if outcome.notice is not None:
            ui.notify(outcome.notice)


async def _plan_for(ctx: AppContext, ui: Ui, step: "ReadinessStep") -> Outcome:
    """Review the plan of a step, then return to the readiness page."""
    query = Query("tokens", filter=step.filter)
    now = ctx.now()
    found = await ctx.store.query(lambda reader: reader.records("tokens", reader.ids(query, now)))
    records = list(found.values())
    if "decision:keep" in step.filter:
        from tokendesk.tui.flows.move import move_records

        return await move_records(ctx, ui, "tokens", records)
    from tokendesk.tui.flows.plans import review_decided

    return await review_decided(ctx, ui, records)


async def _policy(ctx: AppContext, ui: Ui, selection: Selection) -> str | None:
    """Return the policy under the cursor, else the goal's, else one chosen in a dialog."""
    from tokendesk.tui.screens.policy_picker import PolicyPicker
    from tokendesk.views.goals import current_goal
    from tokendesk.views.policies import policy_choices

    if selection.pane == "policies" and selection.record is not None:
        return selection.record
    goal = await ctx.store.query(current_goal)
    if goal is not None and goal.policy is not None:
        return goal.policy_id
    hint = "What stops if tokens are blocked there now, and what must happen before."
    return await ui.ask(PolicyPicker("Readiness of a policy", hint, await ctx.store.query(policy_choices)))

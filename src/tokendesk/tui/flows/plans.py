"""Opens the plans of the decisions, or a plan file."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.background import in_background
from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui, refused, warning
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.model.plan import Plan
    from tokendesk.tui.screens.choose import ChooseDialog
    from tokendesk.views.planning import Planner


async def open_decided(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    return await review_decided(ctx, ui)


async def review_decided(
    ctx: AppContext, ui: Ui, records: Collection[str] | None = None, pane: str = "tokens"
) -> Outcome:
    """Review the decisions on tokens: one move plan for each target, one revoke plan.

    `records`: the tokens to include; None means all.
    """
    from tokendesk.tui.flows.review import review
    from tokendesk.views.planning import planner

    while True:
        moves, revoke = await ctx.store.query(partial(_decided, by=planner(ctx.settings, ctx.now()), records=records))
        plans = [*moves, *([revoke] if revoke else [])]
        if not plans:
            return refused("No decision asks for a plan: decide to move or revoke first, with t.")
        number = 0 if len(plans) == 1 else await ui.ask(_chooser(plans))
        if number is None:
            return NOTHING
        await review(ctx, ui, plans[number], pane=pane)
        if len(plans) == 1:
            return NOTHING


def _decided(reader: Reader, by: "Planner", records: Collection[str] | None) -> "tuple[list[Plan], Plan | None]":
    from tokendesk.views.planning import plans_of_decisions

    return plans_of_decisions(reader, by, None if records is None else sorted(reader.rows_of("tokens", records)))


def _chooser(plans: "Sequence[Plan]") -> "ChooseDialog":
    from textual.content import Content

    from tokendesk.model.plan import summary
    from tokendesk.tui.screens.choose import ChooseDialog
    from tokendesk.views.plan_groups import headline

    lines = [
        Content.assemble((printable(headline(plan)), "bold"), "\n", (f"  {summary(plan)}", "$muted")) for plan in plans
    ]
    return ChooseDialog("Plans that the decisions ask for", lines, "↑ ↓ step   enter Review   esc Cancel")


async def open_file(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Review a saved plan, checked against the present snapshot."""
    from tokendesk.reporting.plan_file import load_plan
    from tokendesk.tui.flows.review import review
    from tokendesk.tui.screens.prompt import PromptDialog
    from tokendesk.views.planning import planner
    from tokendesk.views.recheck import recheck

    hint = "A plan file, written with w in a review. Rows that changed since are refused."
    given = await ui.ask(PromptDialog("Open plan", hint))
    if not given:
        return NOTHING
    saved = await in_background(lambda: load_plan(Path(given).expanduser()))
    by = planner(ctx.settings, ctx.now())
    plan, changed = await ctx.store.query(lambda reader: recheck(reader, saved, by))
    if changed:
        many = "1 row has" if len(changed) == 1 else f"{len(changed):,} rows have"
        ui.notify(warning(f"{many} changed since the plan was made, and will not be touched."))
    return await review(ctx, ui, plan, pane=selection.pane)

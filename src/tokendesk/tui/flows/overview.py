"""Shows the overview, and the rows behind the number that was chosen."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.navigation import Page, Place
from tokendesk.tui.selection import Selection


async def overview(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Going back from the rows opens the overview again, where it was left."""
    from tokendesk.tui.screens.overview import OverviewScreen

    chosen = await ui.ask(OverviewScreen(ctx, selection.left))
    if chosen is None:
        return NOTHING
    if isinstance(chosen, str):
        return Outcome(pane=chosen)
    return Outcome(step=Place(chosen, selection.record, Page("overview:overview", selection.query)))

"""Shows the overview, and the rows behind the number that was chosen."""

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import snapshot_label
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.navigation import Place
from tokendesk.tui.selection import Selection


async def overview(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Going back from the rows opens the overview again, where it was left."""
    from tokendesk.tui.screens.overview import OverviewScreen

    info = ctx.store.ui_reader.info
    path = [printable(info.org_name or info.org_id) if info else "no snapshot", "Overview"]
    source = snapshot_label(ctx.settings, ctx.connection.access, info, ctx.now())
    chosen = await ui.ask(OverviewScreen(ctx, path, source, selection.left))
    if chosen is None:
        return NOTHING
    if isinstance(chosen, str):
        return Outcome(pane=chosen)
    return Outcome(step=Place(chosen, selection.record, "overview"))

"""Chooses the columns of a pane."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Refresh, Ui
from tokendesk.tui.selection import Selection


async def choose_columns(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask for the columns, and keep them for the pane. Those of a view are replaced by them."""
    from tokendesk.tui.screens.columns import ColumnsDialog

    pane = ctx.store.ui_reader.panes[selection.pane]
    chosen = selection.query.columns or ctx.ui_state.columns(pane.name)
    shown = chosen or selection.columns or tuple(column.name for column in pane.default_columns)
    names = await ui.ask(ColumnsDialog(pane.title, pane.columns, shown))
    if names is None or names == shown:
        return NOTHING
    is_usual = names == tuple(column.name for column in pane.default_columns)
    ctx.ui_state.choose_columns(pane.name, () if is_usual else names)
    return Outcome(Refresh.DESK, query=selection.query._replace(columns=()))

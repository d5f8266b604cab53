"""Chooses the columns of a pane."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Refresh, Ui
from tokendesk.tui.selection import Selection


async def choose_columns(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask for the columns. They are kept for the pane, or, within a saved view that has its own, for this query."""
    from tokendesk.tui.screens.columns import ColumnsDialog

    query, pane = selection.query, ctx.store.ui_reader.panes[selection.pane]
    usual = tuple(column.name for column in pane.default_columns)
    chosen = tuple(column.name for column in ctx.columns_of(query))
    without_room = set(chosen).difference(selection.columns) if selection.columns else set()
    names = await ui.ask(ColumnsDialog(pane.title, pane.columns, chosen, without_room))
    if names is None or names == chosen:
        return NOTHING
    if query.columns:
        return Outcome(Refresh.DESK, query=query._replace(columns=names or usual))
    ctx.ui_state.choose_columns(pane.name, () if names == usual else names)
    return Outcome(Refresh.DESK)

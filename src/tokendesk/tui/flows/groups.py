"""Counts the rows shown by the column under the cursor."""

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import snapshot_label
from tokendesk.tui.flows.base import Outcome, Refresh, Ui, refused
from tokendesk.tui.navigation import Place
from tokendesk.tui.selection import Selection
from tokendesk.views.grouping import groupable


async def group_again(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Show the groups that were shown last in this pane."""
    by, order = ctx.ui_state.grouping(selection.pane)
    if not by:
        return refused("Nothing was counted in this pane yet. # counts by the column under the cursor.")
    return await _group(ctx, ui, selection, by, order)


async def group(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Count by the columns of the query, else by the one under the cursor."""
    return await _group(ctx, ui, selection, selection.query.by or (selection.column or "",))


async def _group(ctx: AppContext, ui: Ui, selection: Selection, names: tuple[str, ...], order: str = "") -> Outcome:
    """The rows of a chosen group become the query on screen; going back opens the groups where they were left."""
    from tokendesk.tui.screens.groups import GroupsScreen, GroupsShown

    query, reader = selection.query._replace(by=()), ctx.store.ui_reader
    pane = reader.panes[selection.pane]
    for name in names:
        if name not in groupable(pane):
            column = pane.column(name)
            what = column.title if column else "this"
            return refused(f"{pane.title} cannot be grouped by {what}. h l choose a column.")
    info, before = reader.info, set(ctx.marks.of(selection.pane))
    path = [printable(info.org_name or info.org_id) if info else "no snapshot", pane.title]
    path += map(printable, query.filters())
    source = snapshot_label(ctx.settings, ctx.connection.access, info, ctx.now())
    views = ctx.ui_state.views()
    chosen = await ui.ask(GroupsScreen(ctx, GroupsShown(query, names, order), path, source, selection.left))
    refresh = Refresh.NONE if ctx.marks.of(selection.pane) == before else Refresh.MARKS
    if ctx.ui_state.views() != views:
        await ui.refresh(refresh)
        refresh = Refresh.DESK  # the scope pane lists the saved groups
    if chosen is None:
        return Outcome(refresh)
    return Outcome(refresh, step=Place(chosen, selection.record, "groups.again"))

"""Counts the rows shown by the column under the cursor."""

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import snapshot_label
from tokendesk.tui.flows.base import Outcome, Refresh, Ui, refused
from tokendesk.tui.navigation import Place
from tokendesk.tui.selection import Selection
from tokendesk.views.grouping import groupable


async def group(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Show how many rows have each value; a group that was chosen becomes the query on screen."""
    from tokendesk.tui.screens.groups import GroupsScreen, GroupsShown, rows_of

    query, reader = selection.query, ctx.store.ui_reader
    pane, name = reader.panes[selection.pane], selection.column
    if name not in groupable(pane):
        column = pane.column(name or "")
        return refused(f"{pane.title} cannot be grouped by {column.title if column else 'this'}. h l choose a column.")
    info, before = reader.info, set(ctx.marks.of(selection.pane))
    path = [printable(info.org_name or info.org_id) if info else "no snapshot", pane.title]
    path += map(printable, query.filters())
    source = snapshot_label(ctx.settings, ctx.connection.access, info, ctx.now())
    chosen = await ui.ask(GroupsScreen(ctx, GroupsShown(query, (name or "",)), path, source))
    refresh = Refresh.NONE if ctx.marks.of(selection.pane) == before else Refresh.MARKS
    if chosen is None:
        return Outcome(refresh)
    return Outcome(refresh, step=Place(rows_of(query, chosen), selection.record))

"""Counts the rows shown by the column under the cursor."""

from dataclasses import replace

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.copy import copy_command
from tokendesk.tui.flows.views import ask_to_save
from tokendesk.tui.navigation import Page, Place
from tokendesk.tui.selection import Selection
from tokendesk.views.grouping import column_names, groupable
from tokendesk.views.groups import ORDERS
from tokendesk.views.query import Query


async def group_again(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Show the groups that were shown last in this pane."""
    by, _ = ctx.ui_state.grouping(selection.pane)
    if not by:
        return refused("Nothing was counted in this pane yet. # counts by the column under the cursor.")
    return await group(ctx, ui, replace(selection, query=selection.query._replace(by=by)))


async def group(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Count by the columns of the query, else by the one under the cursor.

    The rows of a chosen group become the query on screen; going back opens the groups where they were left.
    """
    from tokendesk.tui.screens.groups import GroupsScreen, GroupsShown

    query, pane = selection.query._replace(by=()), ctx.store.ui_reader.panes[selection.pane]
    names = column_names(pane, selection.query.by or (selection.column or "",))
    for name in names:
        if name not in groupable(pane):
            column = pane.column(name)
            what = column.title if column else f"{printable(name)!r}" if name else "this"
            return refused(f"{pane.title} cannot be grouped by {what}. h l choose a column.")
    last, order = ctx.ui_state.grouping(pane.name)
    if query.sort and query.sort[0].removeprefix("-") in ORDERS:  # as a saved view has it
        order, query = query.sort[0], query._replace(sort=())
    elif last != names:
        order = ""
    shown = GroupsShown(query, names, order)
    before, views = set(ctx.marks.of(pane.name)), ctx.ui_state.views()
    path = [ctx.org_title, pane.title, *map(printable, query.titles())]

    async def save(query: Query) -> None:
        if notice := await ask_to_save(ctx.ui_state, ui, query):
            ui.notify(notice)

    async def copy(query: Query) -> None:
        outcome = await copy_command(ctx, ui, Selection(query))
        if outcome.notice is not None:
            ui.notify(outcome.notice)

    screen = GroupsScreen(ctx, shown, path, save, copy, came_from=selection.left)
    chosen = await ui.ask(screen)
    refresh = Refresh.NONE if ctx.marks.of(pane.name) == before else Refresh.MARKS
    ctx.store.tell_marks(pane.name, tuple(ctx.marks.of(pane.name)))
    if ctx.ui_state.views() != views:
        await ui.refresh(refresh)
        refresh = Refresh.DESK  # the scope pane lists the saved groups
    if chosen is None:
        return Outcome(refresh)
    if isinstance(chosen, str):
        return Outcome(refresh, pane=pane.name, next_action=chosen)
    page = Page("groups:group", query._replace(by=chosen.by))
    return Outcome(refresh, step=Place(chosen.query, selection.record, page))

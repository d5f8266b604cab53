"""Changes the query on screen: conditions and sorting."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Outcome, Ui, refused
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.query_edit import drop_last_condition, narrowed_by_value, sorted_by_column
from tokendesk.tui.selection import Selection
from tokendesk.views.query import Query


async def keep_value(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    return _by_value(ctx, selection, keeps=True)


async def leave_value_out(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    return _by_value(ctx, selection, keeps=False)


async def drop_condition(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    return _outcome(drop_last_condition(selection.query, ctx.store.ui_reader.panes[selection.pane].fields))


async def sort(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    return _sorted(ctx, selection, more=False)


async def sort_more(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    return _sorted(ctx, selection, more=True)


def _by_value(ctx: AppContext, selection: Selection, *, keeps: bool) -> Outcome:
    pane = ctx.store.ui_reader.panes[selection.pane]
    column = pane.column(selection.column) if selection.column else None
    row = row_under_cursor(ctx, selection)
    if column is None or row is None:
        return refused("There is no row here.")
    return _outcome(narrowed_by_value(selection.query, pane, column, row, keeps=keeps))


def _sorted(ctx: AppContext, selection: Selection, *, more: bool) -> Outcome:
    pane = ctx.store.ui_reader.panes[selection.pane]
    column = pane.column(selection.column) if selection.column else None
    return Outcome() if column is None else _outcome(sorted_by_column(selection.query, pane, column, more=more))


def _outcome(found: Query | str) -> Outcome:
    return refused(found) if isinstance(found, str) else Outcome(query=found)

"""Opens what a row is about."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui, refused
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.navigation import Place, is_gone, owner_query, query_inside
from tokendesk.tui.selection import Selection


async def open_row(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    """Open the users of a policy, the tokens of a user, the subject of a change."""
    row = row_under_cursor(ctx, selection)
    if row is None:
        return NOTHING
    if selection.pane == "changes" and is_gone(ctx.store.ui_reader, row):
        return refused(f"This {row['subject']} is no longer in the snapshot.")
    return Outcome(step=query_inside(selection.pane, row))


async def open_owner(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    row = row_under_cursor(ctx, selection)
    if row is None or row["user"] is None:
        return refused("This token's owner is not among the managed users.")
    return Outcome(step=Place(owner_query(row), row["token_id"]))

"""Opens a page of Atlassian's console."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Notice, Outcome, Ui, refused
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Row


async def open_console(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    return await open_page(ctx, ui, selection.pane, row_under_cursor(ctx, selection))


async def open_page(ctx: AppContext, ui: Ui, pane: str, row: Row | None) -> Outcome:
    """Open the console page of a row of `pane`, or of the organization."""
    from tokendesk.tui.browser import open_address
    from tokendesk.views.console import console_address

    info = ctx.store.ui_reader.info
    if info is None or ctx.settings.is_demo:
        why = "There is no snapshot yet." if info is None else "The practice organization has no console."
        return refused(f"{why} o opens the page of Atlassian's console on a real one.")
    address = console_address(ctx.settings.console_url, info.org_id, pane, row)
    if open_address(address):
        return Outcome(notice=Notice(f"Opened {address}"))
    copied = await ui.copy(address)
    return Outcome(
        notice=Notice(
            f"{address}\nThere is no browser here. The address was copied {copied}.", title="The page", seconds=15
        )
    )

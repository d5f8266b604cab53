"""The rows that a flow acts on."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Notice, Ui
from tokendesk.tui.selection import Selection


async def acted_on(ctx: AppContext, ui: Ui, selection: Selection) -> tuple[list[int], frozenset[str]]:
    """Return the row ids of the marked rows, else of the one under the cursor, and the records that are hidden."""
    found = await ctx.store.query(selection.acted_on)
    if found.gone:
        ui.notify(Notice(f"{found.gone:,} marked {'is' if found.gone == 1 else 'are'} not in the snapshot any more."))
    return found.row_ids, found.hidden

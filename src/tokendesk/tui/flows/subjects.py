"""Finds the records a flow acts on. Between two queries the files may be replaced, which changes row ids."""

from collections.abc import Sequence

from tokendesk.errors import Refused
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Notice, Ui
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Reader, Row


def row_under_cursor(ctx: AppContext, selection: Selection) -> Row | None:
    if selection.record is None:
        return None
    row_id = ctx.store.ui_reader.find(selection.pane, selection.record)
    return ctx.store.ui_reader.row(selection.pane, row_id, ctx.now()) if row_id is not None else None


async def acted_on(ctx: AppContext, ui: Ui, selection: Selection) -> tuple[list[str], frozenset[str]]:
    """Return the marked records that still exist, else the one under the cursor, and the hidden ones."""
    if not selection.marked:
        return selection.records, frozenset()

    def there(reader: Reader) -> tuple[list[str], frozenset[str]]:
        ids = reader.rows_of(selection.pane, selection.records)
        records = reader.records(selection.pane, sorted(ids))
        shown = set(selection.shown)
        return sorted(records.values()), frozenset(record for row, record in records.items() if row not in shown)

    found, hidden = await ctx.store.query(there)
    refuse_replaced(ctx, selection)
    gone = len(selection.marked) - len(found)
    if gone:
        ui.notify(Notice(f"{gone:,} marked {'is' if gone == 1 else 'are'} no longer in the snapshot."))
    return found, hidden


async def shown_records(ctx: AppContext, selection: Selection) -> list[str]:
    """Return the records of the rows shown, in order."""
    records = await ctx.store.query(lambda reader: reader.records(selection.pane, selection.shown))
    refuse_replaced(ctx, selection)
    return [records[row] for row in selection.shown if row in records]


async def marked_or_shown(ctx: AppContext, selection: Selection) -> Sequence[str]:
    return selection.records if selection.marked else await shown_records(ctx, selection)


def refuse_replaced(ctx: AppContext, selection: Selection) -> None:
    """Raise Refused if a newer snapshot replaced the rows of the selection."""
    if ctx.store.generation != selection.generation:
        raise Refused("A newer snapshot was loaded. Look at its rows, then press the key again.")

"""Copies a cell, an id, rows or the command that lists them to the clipboard."""

from collections.abc import Mapping

from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Notice, Outcome, Ui, refused
from tokendesk.tui.flows.subjects import acted_on, row_under_cursor
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Reader, Row

_MOST_SHOWN = 40
_BRIEFLY = 2.5
"""Seconds to show a notice that says only what was copied."""


async def copy_cell(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.reporting.values import COLUMNS, as_text
    from tokendesk.views.cells import cell

    pane, now = ctx.store.ui_reader.panes[selection.pane], ctx.now()
    column = pane.column(selection.column) if selection.column else None
    row = row_under_cursor(ctx, selection)
    if column is None or row is None:
        return refused("There is no row to copy from.")
    value = COLUMNS[pane.name].get(column.name)
    text = printable(as_text(value(row))) if value is not None else cell(row, column, now)
    if not text:
        return refused(f"{column.title} is empty here: nothing was copied.")
    shown = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
    return await _copied(ui, text, f"{column.title}: {shown}")


async def copy_id(_: AppContext, ui: Ui, selection: Selection) -> Outcome:
    if selection.record is None:
        return refused("There is no row to copy from.")
    record = selection.record.partition(":")[2] if selection.pane == "credentials" else selection.record
    return await _copied(ui, printable(record), f"id {printable(record)}")


async def copy_rows(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Copy the marked rows, else the row under the cursor, as tab-separated lines with the id at the end."""
    from tokendesk.reporting.values import COLUMNS, as_text
    from tokendesk.views.cells import cell

    pane, now = ctx.store.ui_reader.panes[selection.pane], ctx.now()
    records, hidden = await acted_on(ctx, ui, selection)
    place = {row_id: number for number, row_id in enumerate(selection.shown)}

    def rows(reader: Reader) -> tuple[list[int], Mapping[int, Row]]:
        ids = sorted(reader.rows_of(pane.name, records), key=lambda row_id: (place.get(row_id, len(place)), row_id))
        return ids, reader.window(pane, ids, now, renewals=any(column.name == "renewal" for column in columns))

    columns, id_of = ctx.columns_of(selection.query), COLUMNS[pane.name]["id"]
    ids, found = await ctx.store.query(rows)
    lines = ["\t".join([*(column.title for column in columns), "Id"])]
    for row in (found[row_id] for row_id in ids if row_id in found):
        cells = [cell(row, column, now) for column in columns]
        lines.append("\t".join([*cells, printable(as_text(id_of(row)))]))
    also = f" ({len(hidden):,} of them hidden)" if hidden else ""
    return await _copied(ui, "\n".join(lines) + "\n", f"{counted(len(ids), pane.one, pane.many)}{also}, tab-separated")


async def copy_command(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Copy the command line that gives the rows shown."""
    from tokendesk.filtering.errors import FilterError
    from tokendesk.views.list_command import list_command

    pane = ctx.store.ui_reader.panes[selection.pane]
    try:
        command = list_command(selection.query, pane.fields, ctx.settings)
    except FilterError as error:
        return refused(f"No command gives these rows: {error}.")
    return await _copied(ui, command, printable(command))


async def _copied(ui: Ui, text: str, what: str) -> Outcome:
    from tokendesk.tui.clipboard import MOST_BYTES

    size = len(text.encode())
    if size > MOST_BYTES:
        return refused(f"{size / 1000:,.0f} kB is more than terminals copy. E exports the rows to a file.")
    return Outcome(notice=Notice(f"Copied {await ui.copy(text)}: {what}", seconds=_BRIEFLY))

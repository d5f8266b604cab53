"""Exports the rows shown to a file."""

import time
from pathlib import Path

from tokendesk.model.counting import counted
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Ui
from tokendesk.tui.selection import Selection


async def export(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.reporting.formats import export_rows
    from tokendesk.tui.screens.export import ExportScreen

    query, count, pane = selection.query, len(selection.shown), ctx.store.ui_reader.panes[selection.pane]
    day = time.strftime("%Y-%m-%d", time.localtime(ctx.now()))
    what = (
        f"{counted(count, pane.one, pane.many)}, as shown, into {Path.cwd()}. "
        "html is for auditors, csv for spreadsheets."
    )
    answer = await ui.ask(ExportScreen(what, Path(f"tokendesk-{query.pane}-{day}.html")))
    if answer is None:
        return NOTHING
    path, form = answer
    now = ctx.now()
    done = await ctx.store.query(lambda reader: export_rows(path, reader, query, form, (), now))
    size = path.stat().st_size / 1000
    return Outcome(
        notice=Notice(f"Wrote {counted(done, pane.one, pane.many)} ({size:,.0f} kB) to {path.absolute()}", seconds=8)
    )

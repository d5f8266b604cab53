"""The keys that take something out of the screens: into a file, the clipboard, a page of the console."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.panes import Column, Pane
from tokendesk.views.query import Query
from tokendesk.views.reader import Row

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object

_MOST_SHOWN = 40


class Exporting(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    @property
    def pane(self) -> Pane:
        raise NotImplementedError

    def _column(self) -> Column | None:
        raise NotImplementedError

    def _meant(self) -> tuple[list[int], set[str]]:
        raise NotImplementedError

    @work
    async def action_export(self) -> None:
        query, count = self.query_shown, len(self.rows.ids)
        if not count:
            self.notify("There are no rows to export. esc goes back, / changes the filter.", severity="warning")
            return
        from tokendesk.reporting.formats import written
        from tokendesk.tui.screens.export import ExportScreen

        many = self.pane.many if count != 1 else self.pane.one
        day = time.strftime("%Y-%m-%d", time.localtime(self._clock()))
        proposal = Path(f"tokendesk-{query.pane}-{day}.html")
        what = f"{count:,} {many}, as shown, into {Path.cwd()}. html is for auditors, csv for spreadsheets."
        answer = await self.app.push_screen_wait(ExportScreen(what, proposal))
        if answer is None:
            return
        path, form = answer
        now = self._clock()
        try:
            done = await self._reading.ask(lambda reader: written(path, reader, query, form, (), now))
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        size = path.stat().st_size
        self.notify(f"Wrote {done:,} {many} ({size / 1000:,.0f} kB) to {path.absolute()}", timeout=8)

    def action_copy_cell(self) -> None:
        from tokendesk.reporting.values import COLUMNS, as_text
        from tokendesk.views.cells import cell

        column, row_id = self._column(), self.rows.row_id
        row = self._reading.near.row(self.pane.name, row_id, self._clock()) if row_id is not None else None
        if column is None or row is None:
            self.notify("There is no row to copy from.", severity="warning")
            return
        value = COLUMNS[self.pane.name].get(column.name)
        text = clean(as_text(value(row))) if value is not None else cell(row, column, self._clock())
        if text:
            shown = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
            self._copy(text, f"{column.title}: {shown}")
        else:
            self.notify(f"{column.title} is empty here: nothing was copied.", severity="warning")

    @work
    async def action_copy_rows(self) -> None:
        """Copy the marked rows, else the one under the cursor, as lines with tabs between the cells."""
        from tokendesk.views.cells import cell

        pane, now = self.pane, self._clock()
        ids, hidden = self._meant()
        if not ids:
            self.notify("There is no row to copy.", severity="warning")
            return
        place = {row_id: number for number, row_id in enumerate(self.rows.ids)}
        ids.sort(key=lambda row_id: place.get(row_id, len(place)))
        found = await self._reading.ask(lambda reader: reader.window(pane, ids, now))
        lines = ["\t".join(column.title for column in pane.columns)]
        lines += [
            "\t".join(cell(found[row_id], column, now) for column in pane.columns) for row_id in ids if row_id in found
        ]
        also = f" ({len(hidden):,} of them hidden)" if hidden else ""
        many = pane.one if len(ids) == 1 else pane.many
        self._copy("\n".join(lines) + "\n", f"{len(ids):,} {many}{also}, with tabs between the cells")

    def _copy(self, text: str, what: str) -> None:
        from tokendesk.tui.clipboard import MOST_BYTES, copy

        size = len(text.encode())
        if size > MOST_BYTES:
            self.notify(
                f"That is {size / 1000:,.0f} kB, more than terminals copy. E writes what is shown into a file.",
                severity="warning",
            )
            return
        way = copy(self.app, text)
        self.notify(f"Copied {way}: {what}")

    def action_console(self) -> None:
        row_id = self.rows.row_id
        row = self._reading.near.row(self.pane.name, row_id, self._clock()) if row_id is not None else None
        self.open_console(self.pane.name, row)

    def open_console(self, pane: str, row: Row | None) -> None:
        """Open the page of Atlassian's console on a row of `pane`, or on the organization."""
        from tokendesk.tui.browser import open_address
        from tokendesk.tui.clipboard import copy
        from tokendesk.views.console import console_address

        info = self._reading.near.info
        if info is None or self._settings.is_demo:
            why = "There is no snapshot yet." if info is None else "The practice organization has no console."
            self.notify(f"{why} o opens the page of Atlassian's console on a real one.", severity="warning")
            return
        address = console_address(self._settings.console_url, info.org_id, pane, row)
        if open_address(address):
            self.notify(f"Opened {address}")
        else:
            way = copy(self.app, address)
            self.notify(
                f"{address}\nNothing here opens addresses; it was copied {way}.",
                title="The page",
                timeout=15,
            )

"""The keys that write notes."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.screens.note import NoteScreen
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object


class Noting(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def renew(self) -> None:
        raise NotImplementedError

    @work
    async def action_note(self) -> None:
        row_id = self.rows.row_id
        if self.query_shown.pane != "tokens" or row_id is None:
            self.notify("A note is written on a token. Open the tokens with 1.", severity="warning")
            return
        row = self._reading.near.row("tokens", row_id, self._clock())
        if row is None:
            return
        purpose = await self.app.push_screen_wait(NoteScreen(clean(row["label"]) or "(no label)", row["purpose"] or ""))
        if purpose is None or purpose == (row["purpose"] or ""):
            return
        try:
            await asyncio.to_thread(self._write_purpose, row["token_id"], purpose)
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        await self.renew()
        self.notify("Note written." if purpose else "Note emptied.")

    def _write_purpose(self, token_id: str, purpose: str) -> None:
        from tokendesk.desk.entries import Desk
        from tokendesk.desk.notes import write_note

        with Desk(self._settings.places.desk, author=self._settings.author) as desk:
            write_note(desk, "token", [token_id], {"purpose": purpose})

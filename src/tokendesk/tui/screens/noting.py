"""The keys that write what people know and decide: notes, policies, the goal; and the one that takes it back."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.session import Session
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
    _marks: Marks
    session: Session

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def desk_changed(self) -> None:
        raise NotImplementedError

    def acted_on(self) -> tuple[str, list[str]]:
        """Return what a note would be about and the records: all that are marked, else the row of the cursor."""
        pane, row_id = self.query_shown.pane, self.rows.row_id
        near = self._reading.near
        if pane == "changes":
            row = near.row(pane, row_id, self._clock()) if row_id is not None else None
            return (row["subject"], [row["record"]]) if row else ("token", [])
        about = {"tokens": "token", "users": "user"}.get(pane, "")
        records = sorted(self._marks.of(pane))
        if not records and row_id is not None:
            records = list(near.records(pane, (row_id,)).values())
        return about, records

    @work
    async def action_note(self) -> None:
        if self.query_shown.pane == "policies":
            await self._policy_form()
            return
        if self.query_shown.pane == "journal":
            self.notify("Notes are on tokens and users, not on runs. Open the tokens with 1.", severity="warning")
            return
        about, records = self.acted_on()
        if records:
            await self.note_form(about, records)
        else:
            self.notify("There is no row here to write a note on.", severity="warning")

    async def note_form(self, about: str, records: Sequence[str]) -> bool:
        """Ask for a note on `records`; return whether something was written."""
        from tokendesk.tui.screens.note import NoteForm, as_entry, note_fields
        from tokendesk.views.note_form import shared_note, used_before
        from tokendesk.views.policies import policy_choices
        from tokendesk.views.records import named, owner_address

        near = self._reading.near
        note, policies = shared_note(near, about, records), policy_choices(near)
        used = {field: used_before(near, field) for field in ("purpose", "contact", "tags")}
        title, listed = named(near, about, records, self._clock())

        async def save(fields: Mapping[str, str]) -> None:
            entry = as_entry(fields, note.tags)
            await self.session.note(about, records, entry, f"the note on {title} ({_fields_words(fields)})")

        form = NoteForm(
            f"Note on {title}",
            note_fields(note, policies, used, {}, owner_address(near, about, records)),
            save,
            self._clock(),
            about=listed,
        )
        written = await self.app.push_screen_wait(form)
        if written:
            await self.desk_changed()
            self.notify(f"Note on {title} written. u takes it back.", markup=False)
        return written

    async def _policy_form(self) -> None:
        raise NotImplementedError

    @work
    async def action_undo(self) -> None:
        try:
            words = await self.session.undo()
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        if not words:
            self.notify("Nothing was written in this session that could be taken back.", severity="warning")
            return
        await self.desk_changed()
        more = self.session.last
        then = f" u again takes back {more}." if more else ""
        self.notify(f"Taken back: {words}.{then}", markup=False)


def _fields_words(fields: Mapping[str, str]) -> str:
    return clean(", ".join(name.replace("_", " ") for name in fields))

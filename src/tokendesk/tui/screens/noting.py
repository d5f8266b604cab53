"""The keys that write what people know and decide: notes, policies, the goal; and the one that takes it back."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.session import Session
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.views.notes import Suggestion
    from tokendesk.views.records import Predecessor
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
            await self.policy_form()
            return
        if self.query_shown.pane == "journal":
            self.notify("Notes are on tokens and users, not on runs. Open the tokens with 1.", severity="warning")
            return
        about, records = self.acted_on()
        if records:
            await self.note_form(about, records)
        else:
            self.notify("There is no row here to write a note on.", severity="warning")

    async def note_form(self, about: str, records: Sequence[str]) -> None:
        words = await ask_for_note(self.app, self._reading.near, self.session, about, records, self._clock())
        if words:
            await self.desk_changed()
            self.notify(f"{words} u takes it back.")

    async def policy_form(self) -> None:
        raise NotImplementedError

    @work
    async def action_undo(self) -> None:
        try:
            undone = await self.session.undo()
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        if undone is None:
            self.notify("Nothing was written in this session that could be taken back.", severity="warning")
            return
        await self.desk_changed()
        more = self.session.last
        then = f" u again takes back {more}." if more else ""
        self.notify(f"Taken back: {undone.words}.{then}")


async def ask_for_note(
    app: App[Any], reader: Reader, session: Session, about: str, records: Sequence[str], now: int
) -> str:
    """Ask for a note on `records` and write it; return a sentence that says so, empty where nothing was written."""
    from tokendesk.tui.screens.note import NoteForm, as_entry, note_fields
    from tokendesk.views.note_form import shared_note
    from tokendesk.views.notes import contact_of, suggested_purposes, tags_used, used_before
    from tokendesk.views.policies import policy_choices
    from tokendesk.views.records import labels_of, named, predecessors

    note = shared_note(reader, about, records)
    title, listed = named(reader, about, records, now)
    offers = suggested_purposes(reader, labels_of(reader, records) if about == "token" else ())
    before = predecessors(reader, about, records, now)
    has_purpose = note.fields["purpose"].value or note.fields["purpose"].various
    suggested, why = ({}, "") if has_purpose else _suggestion(offers, before)
    used = {
        "purpose": [offer.text for offer in offers],
        "contact": [offer.text for offer in used_before(reader, "contact")],
        "tags": [offer.text for offer in tags_used(reader)],
    }
    contact = ""
    if about == "token" and len(records) == 1 and (row_id := reader.find("tokens", records[0])) is not None:
        row = reader.row("tokens", row_id, now)
        contact = contact_of(reader, row).text if row is not None else ""

    async def save(fields: Mapping[str, str]) -> None:
        entry = as_entry(fields, note.tags)
        await session.note(about, records, entry, f"the note on {title} ({_fields_words(fields)})")

    form = NoteForm(
        f"Note on {title}",
        note_fields(note, policy_choices(reader), used, {one.token_id: one.words for one in before}, contact),
        save,
        now,
        about=listed,
        suggested=suggested,
        why_suggested=why,
    )
    return f"Note on {title} written." if await app.push_screen_wait(form) else ""


def _fields_words(fields: Mapping[str, str]) -> str:
    return clean(", ".join(name.replace("_", " ") for name in fields))


def _suggestion(offers: "Sequence[Suggestion]", before: "Sequence[Predecessor]") -> tuple[dict[str, str], str]:
    """Return what ctrl+t takes, and why: the note of the token before, else of those labelled alike."""
    for one in before:
        if one.purpose:
            words = f"may carry on {one.words}: {clean(one.purpose)}"
            return {"purpose": one.purpose, "replaces": one.words}, words
    likely = next((offer for offer in offers if "labelled" in offer.why), None)
    return ({"purpose": likely.text}, f"{likely.why}: {clean(likely.text)}") if likely else ({}, "")

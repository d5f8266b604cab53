"""Writes notes, and undoes the last change."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.views.note_form import SharedNote
    from tokendesk.views.notes import Suggestion
    from tokendesk.views.policies import PolicyChoice
    from tokendesk.views.records import Predecessor


async def note(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask for a note on the marked rows, else on the row under the cursor."""
    if selection.pane == "policies":
        from tokendesk.tui.flows.policy import describe

        return await describe(ctx, ui, selection)
    about, records = _subject(ctx, selection)
    if not records:
        return refused("There is no row here to write a note on.")
    words = await ask_for_note(ctx, ui, about, records)
    return Outcome(Refresh.DESK, notice=Notice(f"{words} u takes it back.")) if words else NOTHING


async def undo(ctx: AppContext, _: Ui, __: Selection) -> Outcome:
    undone = await ctx.desk.undo()
    if undone is None:
        return refused("Nothing to undo in this session.")
    then = f" u again undoes {ctx.desk.last}." if ctx.desk.last else ""
    return Outcome(Refresh.DESK, notice=Notice(f"Undone: {undone.words}.{then}"))


def _subject(ctx: AppContext, selection: Selection) -> tuple[str, list[str]]:
    """Return the kind of subject and the records of a note."""
    if selection.pane == "changes":
        row = row_under_cursor(ctx, selection)
        return (row["subject"], [row["record"]]) if row else ("token", [])
    return selection.pane.removesuffix("s"), selection.records


class _Known(NamedTuple):
    """The initial values and suggestions of a note form."""

    note: "SharedNote"
    title: str
    listed: str
    used: dict[str, list[str]]
    before: "Sequence[Predecessor]"
    contact: str
    suggested: dict[str, str]
    why_suggested: str
    policies: "Sequence[PolicyChoice]"
    is_due: bool


async def ask_for_note(ctx: AppContext, ui: Ui, about: str, records: Sequence[str]) -> str:
    """Ask for a note on `records` and write it; return a sentence that says so, empty if nothing was written."""
    from tokendesk.tui.screens.note import NoteForm, as_entry, note_fields

    now = ctx.now()
    known = await ctx.store.query(lambda reader: _known(reader, about, records, now))

    async def save(fields: Mapping[str, str]) -> None:
        words = printable(", ".join(name.replace("_", " ") for name in fields))
        await ctx.desk.note(about, records, as_entry(fields, known.note.tags), f"the note on {known.title} ({words})")

    before = {one.record: one.words for one in known.before}
    form = NoteForm(
        f"Note on {known.title}",
        note_fields(
            known.note,
            known.policies,
            known.used,
            before,
            known.contact,
            about=about,
            is_due=known.is_due,
        ),
        save,
        now,
        about=known.listed,
        suggested=known.suggested,
        why_suggested=known.why_suggested,
    )
    return f"Note on {known.title} written." if await ui.ask(form) else ""


def _known(reader: Reader, about: str, records: Sequence[str], now: int) -> _Known:
    from tokendesk.views.note_form import shared_note
    from tokendesk.views.notes import contact_of, suggested_purposes, tags_used, used_before
    from tokendesk.views.policies import policy_choices
    from tokendesk.views.records import labels_of, named, predecessors
    from tokendesk.views.renewal_due import is_any_due

    note = shared_note(reader, about, records)
    title, listed = named(reader, about, records, now)
    suggestions = suggested_purposes(reader, labels_of(reader, records) if about == "token" else ())
    before = predecessors(reader, about, records, now)
    has_purpose = note.fields["purpose"].value or note.fields["purpose"].various
    suggested, why = ({}, "") if has_purpose else _suggestion(suggestions, before)
    used = {
        "purpose": [offer.text for offer in suggestions],
        "contact": [offer.text for offer in used_before(reader, "contact")],
        "tags": [offer.text for offer in tags_used(reader)],
    }
    contact = ""
    pane = {"token": "tokens", "credential": "credentials"}.get(about)
    if pane and len(records) == 1 and (row_id := reader.find(pane, records[0])) is not None:
        row = reader.row(pane, row_id, now)
        contact = contact_of(reader, row).text if row is not None else ""
    is_due = is_any_due(reader, about, records, now)
    return _Known(note, title, listed, used, before, contact, suggested, why, policy_choices(reader), is_due)


def _suggestion(suggestions: "Sequence[Suggestion]", before: "Sequence[Predecessor]") -> tuple[dict[str, str], str]:
    """Return what ctrl+t fills in, and why: the note of the predecessor, else of similar labels."""
    for one in before:
        if one.purpose:
            words = f"may carry on {one.words}: {printable(one.purpose)}"
            return {"purpose": one.purpose, "replaces": one.words}, words
    likely = next((offer for offer in suggestions if "labelled" in offer.why), None)
    return ({"purpose": likely.text}, f"{likely.why}: {printable(likely.text)}") if likely else ({}, "")

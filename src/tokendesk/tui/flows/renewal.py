"""Asks to renew what ends, lets it lapse, and undoes what the rule for renewals wrote."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokendesk.model.counting import counted
from tokendesk.model.renewal_states import ASKED, LAPSE
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import acted_on
from tokendesk.tui.selection import Selection

if TYPE_CHECKING:
    from tokendesk.views.reader import Reader
    from tokendesk.views.renewal_due import DueRecords


async def ask_to_renew(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Write to the contacts of the marked rows, else of the row under the cursor, as far as they are due."""
    from tokendesk.model.dates import read_day
    from tokendesk.reporting.renewal_letters import RENEWALS
    from tokendesk.tui.flows.letters import LettersForm

    due = await _due(ctx, ui, selection)
    if not due.records:
        return refused(due.refusal)
    kind = RENEWALS[selection.pane]
    form = LettersForm(ctx, kind, due.records, "Ask to renew", "renewals", "contact")
    if nobody := await form.find_nobody():
        return refused(f"{nobody} {due.words}".rstrip())
    written = await form.ask(ui, due.words)
    if written is None:
        return NOTHING
    asked = {"renewal": ASKED, "asked_on": read_day("today", ctx.now()), "answer": None}
    parts = [
        ([row[kind.record] for row in rows], {**asked, "reply_by": day})
        for day, rows in written.post.by_reply().items()
    ]
    words = f"that {written.whom} asked to renew {counted(len(written.post.rows), kind.about)}"
    await ctx.desk.notes(kind.about, parts, words)
    return Outcome(Refresh.DESK, notice=Notice(f"Recorded {words}. u takes it back."))


async def let_lapse(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Note that the marked rows, else the row under the cursor, may end, as far as they are due."""
    from tokendesk.tui.screens.confirm import Confirm

    due = await _due(ctx, ui, selection)
    if not due.records:
        return refused(due.refusal)
    about, now = _about(selection), ctx.now()
    many = counted(len(due.records), about)
    needed = await ctx.store.query(lambda reader: _decided_to_stay(reader, about, due.records, now))
    if needed and not await ui.ask(Confirm("Let it lapse", needed, f"Let {many} lapse")):
        return NOTHING
    words = f"that {many} may lapse"
    await ctx.desk.note(about, due.records, {"renewal": LAPSE}, words)
    said = " ".join(filter(None, (f"Noted {words}.", due.words, "u takes it back.")))
    return Outcome(Refresh.DESK, notice=Notice(said))


async def undo_take_over(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Undo that the rule let the notes of the marked rows, else of the row under the cursor, take over others."""
    records, _ = await acted_on(ctx, ui, selection)
    undone = await ctx.desk.undo_take_overs(_about(selection), records)
    if not undone:
        return refused("The rule for renewals wrote nothing here. Empty Replaces in the note (e) to undo your own.")
    words = counted(undone, "take-over")
    return Outcome(Refresh.DESK, notice=Notice(f"Undone: {words}, never made by the rule again. u takes it back."))


def _about(selection: Selection) -> str:
    return selection.pane.removesuffix("s")


async def _due(ctx: AppContext, ui: Ui, selection: Selection) -> "DueRecords":
    from tokendesk.views.renewal_due import due_records

    records, _ = await acted_on(ctx, ui, selection)
    about, now = _about(selection), ctx.now()
    return await ctx.store.query(lambda reader: due_records(reader, about, records, now))


def _decided_to_stay(reader: "Reader", about: str, records: Sequence[str], now: int) -> str:
    """Return a sentence about those of `records` that are decided to stay; empty if there are none."""
    from tokendesk.views.records import named

    found = reader.db.execute(_DECIDED, (about, json.dumps(records))).fetchall()
    if not found:
        return ""
    name, _ = named(reader, about, [row["subject"] for row in found], now)
    decided = " or ".join(sorted({row["decision"] for row in found}))
    has, it = ("has", "it") if len(found) == 1 else ("have", "them")
    return f"{name} {has} the decision {decided}. Letting {it} lapse goes against that."


_DECIDED = """
SELECT subject, decision FROM desk.note
WHERE about = ? AND decision IN ('keep', 'rotate') AND subject IN (SELECT value FROM json_each(?))
"""

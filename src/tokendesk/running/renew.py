"""Lets the note of a token or credential that was surely renewed continue on its successor, after a pull."""

from collections.abc import Callable
from datetime import datetime

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.notes import take_over
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.counting import counted
from tokendesk.model.renewal import Pair
from tokendesk.model.text import printable, shorten
from tokendesk.running.sharing import share_notes
from tokendesk.views.reader import Reader
from tokendesk.views.renewals import about_of, due_for_renewal, renewals

RULE = "renewal rule"
"""The author of what this writes."""
_MOST_NAMED = 3


def renew_notes(settings: Settings, clock: Callable[[], datetime]) -> str:
    """Write that the surely renewed replace their predecessors; return a sentence about it, empty if there are none.

    Each pair is written once, also by several desks: the entries of the others come in first, and if that is not
    possible nothing is written. A pair that somebody undid is not written again.
    """
    if settings.paths.file is not None or share_notes(settings).problems:
        return ""
    now = int(clock().timestamp())
    with Reader(settings.paths, settings.thresholds) as reader:
        pairs = renewals(reader.db, due_for_renewal(reader.db, now), now).sure
    if not pairs:
        return ""
    with Desk(settings.paths.desk, author=RULE, clock=clock) as desk:
        for pair in pairs:  # one after the other: what one was given, the next of a chain takes over
            take_over(desk, pair.new.record, pair.old.record, about_of(pair.new))
    tokens = [pair.new.record for pair in pairs if pair.new.kind == "token"]
    if tokens:
        update_rhythms(settings.paths.history, settings.paths.snapshot, settings.paths.desk, tokens)
    share_notes(settings)
    return _describe(pairs)


def _describe(pairs: tuple[Pair, ...]) -> str:
    names = [shorten(printable(pair.new.label)) or "(no label)" for pair in pairs[:_MOST_NAMED]]
    more = f" and {len(pairs) - len(names):,} more" if len(pairs) > len(names) else ""
    return f"{counted(len(pairs), 'renewal')} took over the note of what they replace: {', '.join(names)}{more}."


def undo_take_over(desk: Desk, about: str, *records: str) -> list[Entry]:
    """Undo what the rule wrote on tokens or credentials; return the undos, none if it wrote nothing."""
    rows = [row for record in records for row in desk.rows(_BY_RULE, about, record, RULE)]
    kept = [entry_id for (entry_id,) in rows if desk.is_kept(entry_id)]
    return desk.append_all([("undo", {"entry": entry_id}) for entry_id in kept]) if kept else []


_BY_RULE = """
SELECT e.entry_id FROM written AS w JOIN entry AS e USING (entry_id)
WHERE w.about = ? AND w.subject = ? AND w.name = 'replaces' AND w.value IS NOT NULL AND e.author = ?
"""

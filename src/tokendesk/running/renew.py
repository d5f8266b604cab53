"""Lets the note of a token or credential that was surely renewed continue on its successor, after a pull."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.notes import take_over
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.renewal import Pair
from tokendesk.model.text import printable, shorten
from tokendesk.model.timestamps import DAY, entry_time, utc
from tokendesk.running.sharing import share_notes
from tokendesk.views.reader import Reader
from tokendesk.views.renewals import about_of, due_for_renewal, renewals

RULE = "renewal rule"
"""The author of what this writes."""
_MOST_NAMED = 3
_TURN = 2 * DAY
"""How long a desk waits for each one that comes before it."""
_ACTIVE = 60 * DAY
"""Desks that wrote nothing for so long are not waited for."""


def renew_notes(settings: Settings, clock: Callable[[], datetime]) -> str:
    """Write that the surely renewed replace their predecessors; return a sentence about it, empty if there are none.

    Each pair is written once, also by several desks: the entries of the others come in first, and if that is not
    possible nothing is written; and they take turns, so that those who pull at the same time do not write the same. If
    two do all the same, who undoes one undoes both. A pair that somebody undid is not written again.
    """
    if settings.paths.file is not None or share_notes(settings).problems:
        return ""
    now = int(clock().timestamp())
    with Reader(settings.paths, settings.thresholds) as reader:
        sure = renewals(reader.db, due_for_renewal(reader.db, now), now).sure
    with Desk(settings.paths.desk, author=RULE, clock=clock) as desk:
        undone = _undo_with_others(desk)
        is_alone = settings.share is None
        pairs = tuple(pair for pair in sure if is_alone or now >= pair.since + _turn(desk, pair, now) * _TURN)
        for pair in pairs:  # one after the other: what one was given, the next of a chain takes over
            take_over(desk, pair.new.record, pair.old.record, about_of(pair.new))
    if not pairs:
        if undone:
            share_notes(settings)
        return ""
    tokens = [pair.new.record for pair in pairs if pair.new.kind == "token"]
    if tokens:
        update_rhythms(settings.paths.history, settings.paths.snapshot, settings.paths.desk, tokens)
    share_notes(settings)
    return _describe(pairs)


def _turn(desk: Desk, pair: Pair, now: int) -> int:
    """Return how many of the desks that wrote lately come before this one, which is another for each pair."""
    since = entry_time(utc(now - _ACTIVE))
    desks = {row[0] for row in desk.rows("SELECT DISTINCT desk_id FROM entry WHERE time > ?", since)} | {desk.desk_id}
    order = sorted(desks, key=lambda each: sha256(f"{each} {pair.new.record}".encode()).digest())
    return order.index(desk.desk_id)


def _undo_with_others(desk: Desk) -> list[Entry]:
    """Undo what the rule wrote on other desks of pairs that somebody undid before that came in."""
    kept = [entry_id for (entry_id,) in desk.rows(_TWINS_OF_UNDONE, RULE, RULE, RULE) if desk.is_kept(entry_id)]
    return desk.append_all([("undo", {"entry": entry_id}) for entry_id in kept]) if kept else []


_TWINS_OF_UNDONE = """
SELECT DISTINCT twin.entry_id FROM undoing AS u
JOIN entry AS by ON by.entry_id = u.undo_id AND by.author != ?
JOIN entry AS e ON e.entry_id = u.entry_id AND e.author = ?
JOIN written AS w ON w.entry_id = e.entry_id AND w.name = 'replaces'
JOIN written AS twin ON (twin.about, twin.subject, twin.name, twin.value) = (w.about, w.subject, w.name, w.value)
    AND twin.entry_id != w.entry_id
JOIN entry AS t ON t.entry_id = twin.entry_id AND t.author = ?
WHERE NOT EXISTS (SELECT 1 FROM undoing AS again WHERE again.entry_id = u.undo_id)
"""


def _describe(pairs: tuple[Pair, ...]) -> str:
    names = [shorten(printable(pair.new.label)) or "(no label)" for pair in pairs[:_MOST_NAMED]]
    more = f" and {len(pairs) - len(names):,} more" if len(pairs) > len(names) else ""
    if len(pairs) == 1:
        return f"{names[0]} was renewed, and its note goes on with the new one."
    return f"{len(pairs):,} were renewed, and their notes go on with the new ones: {', '.join(names)}{more}."


def undo_take_over(desk: Desk, about: str, *records: str) -> list[Entry]:
    """Undo what the rule wrote on tokens or credentials; return the undos, none if it wrote nothing."""
    rows = [row for record in records for row in desk.rows(_BY_RULE, about, record, RULE)]
    kept = [entry_id for (entry_id,) in rows if desk.is_kept(entry_id)]
    return desk.append_all([("undo", {"entry": entry_id}) for entry_id in kept]) if kept else []


_BY_RULE = """
SELECT e.entry_id FROM written AS w JOIN entry AS e USING (entry_id)
WHERE w.about = ? AND w.subject = ? AND w.name = 'replaces' AND w.value IS NOT NULL AND e.author = ?
"""

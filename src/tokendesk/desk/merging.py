"""Taking in entries of other desks: what that changes is known before it is kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.fields import FieldValue

Place = tuple[str, str, str]
"""What it is about (token, user, policy), its id, and the name of the field."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after. `kept`: ours is the newer one, `theirs` is what lost."""

    place: Place
    ours: str | None
    theirs: str | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """What taking entries in does to the notes and policy facts."""

    new: int
    """Entries that were not known."""
    known: int
    fresh: tuple[tuple[str, str], ...]
    """Tokens, users and policies that nothing was written on before."""
    changed: tuple[Difference, ...]
    conflicting: tuple[Difference, ...]
    subjects: tuple[tuple[str, str], ...]
    """All that the new entries are about."""
    authors: Counter[str] = field(default_factory=Counter)


def merge(desk: Desk, entries: Iterable[Entry], *, keep: bool) -> Merge:
    """Take entries in that are not known yet, or only say what would happen: the same way, but for its last step.

    Entries are known by their ids, so that taking them in twice or in any order gives the same notes.
    """
    given = {entry.entry_id: entry for entry in entries}
    with desk.trying(keep=keep):
        before = _fields(desk)
        new = desk.take_in(list(given.values()))
        after = _fields(desk)
    there = {place[:2] for place, found in before.items() if found.value is not None}
    written = [(place, value) for entry in new for place, value in _said(entry)]
    subjects = dict.fromkeys(place[:2] for place, _ in written)
    changed = [
        Difference(place, was.value, after[place].value if place in after else None)
        for place, was in before.items()
        if was.value is not None and was.value != (after[place].value if place in after else None)
    ]
    moved = {difference.place for difference in changed}
    lost = {
        place: Difference(place, after[place].value, value, kept=True)
        for place, value in written
        if place in before and place not in moved and place in after and before[place].value is not None
        and after[place] == before[place] and value != after[place].value
    }  # fmt: skip
    return Merge(
        len(new), len(given) - len(new), tuple(subject for subject in subjects if subject not in there),
        tuple(changed), tuple(lost.values()), tuple(subjects), Counter(entry.author for entry in new),
    )  # fmt: skip


def _fields(desk: Desk) -> dict[Place, FieldValue]:
    rows = desk.rows("SELECT about, subject, name, value, time, author FROM field")
    return {
        (about, subject, name): FieldValue(value, time, author) for about, subject, name, value, time, author in rows
    }


def _said(entry: Entry) -> list[tuple[Place, str | None]]:
    """Return what an entry writes where; nothing for one that is not of the shape that notes have."""
    payload = entry.payload
    fields = payload.get("fields")
    if entry.kind == "note":
        about, subjects = payload.get("about"), payload.get("subjects")
    else:
        about, subjects = "policy", [payload.get("policy")]
    if entry.kind not in ("note", "policy") or not isinstance(fields, dict) or not isinstance(subjects, list):
        return []
    return [
        ((str(about), str(subject), name), None if value in (None, "", False) else str(value))
        for subject in subjects
        for name, value in fields.items()
    ]

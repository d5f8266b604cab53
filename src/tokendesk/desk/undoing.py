"""Finds the entry to undo next, and describes it."""

from collections.abc import Callable

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.note_fields import FIELDS, TAG
from tokendesk.model.text import printable

UNDOABLE = ("note", "policy", "goal")
NameOf = Callable[[str, str], str | None]
"""Returns the name of a record, given its kind (token, user, policy) and id."""
_WORDS = {
    "review_by": "review by", "asked_on": "asked on", "reply_by": "reply by", "tokens": "token setting",
}  # fmt: skip
_LONGEST = 40


def latest(desk: Desk, since: int = 0) -> Entry | None:
    """Return the entry to undo next: the author's latest on this desk after the number `since`.

    `since` is `Desk.sequence` at the start of a session. Runs are not included: they have their own undo.
    """
    mine = (entry for entry in desk.own_entries(since, latest_first=True) if entry.author == desk.author)
    return next((entry for entry in mine if entry.kind in UNDOABLE and desk.is_in_effect(entry)), None)


def describe_undone_entry(entry: Entry, name_of: NameOf = lambda about, subject: None) -> str:
    """Return a printable line that describes an entry: `decision revoke, tag ci on jenkins-old`."""
    payload = entry.payload
    match entry.kind:
        case "note":
            fields = sorted(payload["fields"].items(), key=lambda field: _field_order(field[0]))
            about = payload["about"]
            said = [_field(name, value, name_of, about) for name, value in fields if value or name != "target"]
            return f"{', '.join(said)} on {_subjects(about, payload['subjects'], name_of)}"
        case "policy":
            what = ", ".join(_field(name, value, name_of) for name, value in payload["fields"].items())
            return f"{what} of {_name('policy', payload['policy'], name_of)}"
        case "goal" if payload["policy"]:
            return f"the goal to block tokens in {_name('policy', payload['policy'], name_of)}"
        case "goal":
            return "no goal"
        case "undo":
            return "an undo"
    return printable(entry.kind)


def _field_order(name: str) -> tuple[int, str]:
    return (FIELDS.index(name) if name in FIELDS else len(FIELDS)), name


def _field(name: str, value: object, name_of: NameOf, about: str = "token") -> str:
    if name.startswith(TAG):
        tag = printable(name.removeprefix(TAG))
        return f"tag {tag}" if value else f"no tag {tag}"
    words = _WORDS.get(name, name)
    if value in (None, "", False):
        return f"no {words}"
    text = str(value)
    if name == "target":
        return f"to {_name('policy', text, name_of)}"
    if name == "replaces":
        return f"replaces {_name(about, text, name_of)}"
    short = printable(text)
    return f"{words} {short if len(short) <= _LONGEST else short[:_LONGEST] + '…'}"


def _subjects(about: str, subjects: list[str], name_of: NameOf) -> str:
    if len(subjects) == 1:
        return _name(about, subjects[0], name_of)
    return f"{len(subjects):,} {about}s"


def _name(about: str, subject: str, name_of: NameOf) -> str:
    return printable(name_of(about, subject) or f"{about} {subject}")

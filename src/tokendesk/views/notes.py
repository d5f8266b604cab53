"""Reads notes: purposes and tags to suggest, contacts, and the changes of a note."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokendesk.desk.clocks import Clocks, length_words
from tokendesk.desk.fields import in_order, writings
from tokendesk.desk.in_effect import is_in_effect
from tokendesk.model.labels import family, is_machine
from tokendesk.views.reader import Reader, Row

WORDED = ("purpose", "contact")
"""The fields of a note whose texts are suggested again."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that was used before, how often, and a label that says where."""

    text: str
    count: int
    why: str


def used_before(reader: Reader, field: str) -> list[Suggestion]:
    """Return the texts of `field` (one of WORDED), most used first."""
    if field not in WORDED:
        raise ValueError(f"{field} is not offered again")
    rows = reader.db.execute(
        f"SELECT {field} AS text, count(*) AS n FROM desk.note WHERE {field} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return [Suggestion(text, count, _times(count)) for text, count in rows]


def tags_used(reader: Reader) -> list[Suggestion]:
    """Return the tags in use, most used first."""
    rows = reader.db.execute("SELECT tag, count(*) AS n FROM desk.note_tag GROUP BY tag ORDER BY n DESC, tag")
    return [Suggestion(tag, count, _times(count)) for tag, count in rows]


def suggested_purposes(reader: Reader, labels: Iterable[str]) -> list[Suggestion]:
    """Return purposes for tokens with these labels: first those of similar labels, then all others."""
    families = {name for label in labels if (name := family(label))}
    alike = Counter((family(label), purpose) for label, purpose in reader.db.execute(_PURPOSES))
    near = [
        Suggestion(
            purpose, count, f"{count:,} token{'s' * (count > 1)} labelled {name}* {'have' if count > 1 else 'has'} it"
        )
        for (name, purpose), count in alike.most_common()
        if name in families
    ]
    known = {suggestion.text for suggestion in near}
    return near + [suggestion for suggestion in used_before(reader, "purpose") if suggestion.text not in known]


_PURPOSES = """
SELECT t.label, n.purpose FROM desk.note AS n JOIN main.token AS t ON t.token_id = n.subject
WHERE n.about = 'token' AND n.purpose IS NOT NULL
"""


def _times(count: int) -> str:
    return "used once" if count == 1 else f"used {count:,} times"


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact for a token or credential. `why`: the source, or why there is no contact."""

    text: str
    email: str | None
    why: str


def contact_of(reader: Reader, row: Row) -> Contact:
    """Return the contact noted on the token or credential, or noted on its owner or maker, or the owner or maker.

    Inactive people and integration accounts cannot answer: then `text` is empty.
    """
    if row["contact"]:
        return Contact(row["contact"], _email_in(row["contact"]), "noted")
    if "token_id" in row:
        return _person(reader, "owner", row["owner_id"], row["owner"], row["email"], row["owner_status"])
    status = row["maker_state"] if row["maker"] is not None else "not among the managed users"
    return _person(reader, "maker", row["maker_id"], row["maker_name"], row["maker_email"], status)


def _person(
    reader: Reader, role: str, account_id: str | None, name: str | None, email: str | None, status: str | None
) -> Contact:
    """`role`: owner or maker."""
    noted = reader.db.execute(
        "SELECT contact FROM desk.note WHERE about = 'user' AND subject = ?", (account_id,)
    ).fetchone()
    if noted and noted[0]:
        return Contact(noted[0], _email_in(noted[0]), f"noted on the {role}")
    if not name and not email:
        return Contact("", None, f"{role} unknown")
    if status != "active":
        return Contact("", None, f"{role} {status or 'unknown'}")
    if is_machine(name, email) or _is_tagged_integration(reader, account_id):
        return Contact("", None, f"{role} is an integration account")
    return Contact(name or email or "", email, role)


def _email_in(text: str) -> str | None:
    return next((word.strip("<>(),;") for word in text.split() if "@" in word), None)


def _is_tagged_integration(reader: Reader, account_id: str | None) -> bool:
    sql = "SELECT 1 FROM desk.note_tag WHERE about = 'user' AND subject = ? AND folded IN ('integration', 'service')"
    return reader.db.execute(sql, (account_id,)).fetchone() is not None


@dataclass(frozen=True, slots=True)
class Written:
    """One field as one entry wrote it. `before` and `after` are None if empty; `undone`: the entry was undone."""

    time: str
    author: str
    field: str
    before: str | None
    after: str | None
    undone: bool
    clock: str = ""
    """Says by how much the clock was wrong, if the time was corrected; or empty."""


def note_history(reader: Reader, about: str, subject: str) -> list[Written]:
    """Return the changes of the note on a token or user, latest first."""
    clocks = Clocks(reader.db, "desk")
    found: list[tuple[tuple[str, str, int], Written]] = []
    for (name,) in reader.db.execute(_NAMES, (about, subject)).fetchall():
        now: str | None = None
        for each in in_order(clocks, sorted(writings(reader.db, (about, subject, name), "desk"))):
            kept = is_in_effect(reader.db, each.entry_id, "desk")
            ahead = clocks.ahead(each.desk_id, each.sequence, each.written)
            shown = clocks.shown(each.desk_id, each.sequence, each.written)
            wrong = f"by a clock {length_words(ahead)} ahead" if ahead else ""
            written = Written(shown, each.author, name, now, each.value, not kept, wrong)
            found.append(((shown, each.desk_id, each.sequence), written))
            if kept:
                now = each.value
    return [written for _, written in sorted(found, key=lambda pair: pair[0])][::-1]


_NAMES = "SELECT DISTINCT name FROM desk.written WHERE about = ? AND subject = ?"


def names_of(reader: Reader, about: str, subjects: Sequence[str] = ()) -> dict[str, str]:
    """Return labels of tokens or names of users or credentials, as far as snapshot or history know them.

    About `policy`: the names of all of them.
    """
    if about == "policy":
        return {row[0]: row[1] for row in reader.db.execute("SELECT policy_id, name FROM policy_name")}
    name, record = {"token": ("label", "token_id"), "user": ("name", "account_id"), "credential": ("name", "record")}[
        about
    ]
    found: dict[str, str] = {}
    for subject in subjects:
        row = reader.db.execute(f"SELECT {name} FROM {about} WHERE {record} = ?", (subject,)).fetchone()
        row = (
            row
            or reader.db.execute(
                "SELECT label FROM history.change WHERE record = ? ORDER BY at DESC", (subject,)
            ).fetchone()
        )
        if row:
            found[subject] = row[0] or "(no label)"
    return found

"""Names of records for forms and messages."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tokendesk.model.counting import counted
from tokendesk.model.text import printable, shorten
from tokendesk.model.timestamps import ago, is_unread
from tokendesk.views.notes import names_of
from tokendesk.views.query import PANE_OF
from tokendesk.views.reader import Reader
from tokendesk.views.renewal_reading import read_renewals
from tokendesk.views.successors import offers

_LISTED = 5
_PART = 500


def named(reader: Reader, about: str, records: Sequence[str], now: int) -> tuple[str, str]:
    """Return a name for `records` (`jenkins-old`, `12 tokens`) and a line with more detail."""
    first = [_name(reader, about, record) for record in records[:_LISTED]]
    if len(records) == 1:
        return first[0], _facts(reader, about, records[0], now)
    more = len(records) - len(first)
    return counted(len(records), about), ", ".join(first) + (f" and {more:,} more" if more else "")


def _facts(reader: Reader, about: str, record: str, now: int) -> str:
    if about == "credential":
        return _credential_facts(reader, record, now)
    if about != "token":
        row = reader.db.execute("SELECT email, tokens FROM temp.user_row WHERE account_id = ?", (record,)).fetchone()
        return f"{printable(row['email'] or 'no e-mail')} · {counted(row['tokens'], 'token')}" if row else ""
    row = reader.db.execute("SELECT * FROM temp.token_row WHERE token_id = ?", (record,)).fetchone()
    if row is None:
        return "gone from the snapshot"
    used = f"last used {ago(row['last_used'], now)}" if row["last_used"] is not None else "never used"
    ends = f"expires {ago(row['expires'], now)}" if row["expires"] is not None else "never expires"
    if is_unread(row["last_used"], row["last_used_text"]):
        used = "last use not known"
    if is_unread(row["expires"], row["expires_text"]):
        ends = "expiry not known"
    revoked = "revoked · " if (row["status"] or "").upper() == "REVOKED" else ""
    return f"{revoked}{printable(row['owner'] or 'owner unknown')} · {used} · {ends}"


def _credential_facts(reader: Reader, record: str, now: int) -> str:
    row = reader.db.execute("SELECT * FROM temp.credential_row WHERE record = ?", (record,)).fetchone()
    if row is None:
        return "gone from the snapshot"
    used = f"last used {ago(row['last_used'], now)}" if row["last_used"] is not None else "last use not known"
    ends = f" · ends {ago(row['ends'], now)}" if row["ends"] is not None else ""
    return f"{row['kind']} · {used}{ends}"


def _name(reader: Reader, about: str, record: str) -> str:
    pane, column = PANE_OF[about], "label" if about == "token" else "name"
    found = reader.db.execute(
        f"SELECT {column} FROM {reader.panes[pane].view} WHERE {reader.panes[pane].record} = ?", (record,)
    ).fetchone()
    if found is None:
        # No longer in the snapshot: the history still has its label.
        found = reader.db.execute(
            "SELECT label FROM temp.change_row WHERE record = ? ORDER BY at DESC LIMIT 1", (record,)
        ).fetchone()
    name = printable(found[0] or "") if found else ""
    name = name or f"(no {column})"
    return shorten(name)


def labels_of(reader: Reader, tokens: Sequence[str], most: int = 200) -> list[str]:
    """Return the labels of these tokens, as far as they are in the snapshot."""
    marks = ", ".join("?" * len(tokens[:most]))
    return [
        row[0] for row in reader.db.execute(f"SELECT label FROM main.token WHERE token_id IN ({marks})", tokens[:most])
    ]


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A token or credential that this one may replace. `words`: its label and its state."""

    record: str
    words: str
    purpose: str


def predecessors(reader: Reader, about: str, records: Sequence[str], now: int) -> list[Predecessor]:
    """Return the likely predecessors of a token or credential; none for several."""
    if len(records) != 1:
        return []
    if about == "credential":
        return _distinct(_renewed_by(reader, records[0], now))
    if about != "token":
        return []
    return _distinct(
        Predecessor(offer.old_id, f"{printable(offer.old_label) or '(no label)'}, {offer.why}", offer.purpose)
        for offer in offers(reader, now, records[0])
    )


def _distinct(found: Iterable[Predecessor]) -> list[Predecessor]:
    """Return them with words of their own: whoever chooses by words must get what they read."""
    listed = list(found)
    times = Counter(each.words for each in listed)
    return [
        replace(each, words=f"{each.words} ({printable(each.record)})") if times[each.words] > 1 else each
        for each in listed
    ]


_RENEWED = """
SELECT o.old, n.purpose, c.ends FROM (
    SELECT old FROM temp.renewal_offer WHERE about = 'credential' AND new = :new
    UNION SELECT record FROM temp.renewal WHERE about = 'credential' AND successor = :new
) AS o
LEFT JOIN desk.note AS n ON n.about = 'credential' AND n.subject = o.old
LEFT JOIN credential AS c ON c.record = o.old
ORDER BY o.old
"""


def _renewed_by(reader: Reader, record: str, now: int) -> list[Predecessor]:
    """Return the credentials that this one renewed, or may have renewed."""
    read_renewals(reader.db, now)
    rows = reader.db.execute(_RENEWED, {"new": record}).fetchall()
    names = names_of(reader, "credential", [row["old"] for row in rows])
    return [
        Predecessor(
            row["old"],
            f"{printable(names.get(row['old'], row['old']))}, "
            + (f"{'ends' if row['ends'] > now else 'ended'} {ago(row['ends'], now)}" if row["ends"] else "gone"),
            row["purpose"] or "",
        )
        for row in rows
    ]

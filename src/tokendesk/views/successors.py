"""Finds new tokens that look like successors of tokens with notes."""

from collections.abc import Collection
from dataclasses import dataclass

from tokendesk.model.labels import alike
from tokendesk.model.text import fold, printable, shorten
from tokendesk.model.timestamps import DAY, ago
from tokendesk.views.notes import names_of
from tokendesk.views.reader import Reader, Row
from tokendesk.views.renewal_reading import read_renewals


@dataclass(frozen=True, slots=True)
class Offer:
    """The token `token_id` may take over the note of `old_id`. `why`: `gone 3 d ago`, or `expires in 5 d`."""

    token_id: str
    label: str
    old_id: str
    old_label: str
    purpose: str
    why: str


_WITHOUT_NOTE = """
SELECT token_id, label, owner, email, created FROM token_row
WHERE purpose IS NULL AND replaces IS NULL AND created IS NOT NULL
"""

_ENDING = """
SELECT t.token_id, t.label, t.owner, t.email, t.created, t.expires AS ends, t.purpose
FROM desk.note AS d CROSS JOIN token_row AS t ON t.token_id = d.subject
WHERE d.about = 'token' AND t.expires < :soon
    AND t.token_id NOT IN (SELECT replaces FROM desk.note WHERE replaces IS NOT NULL)
"""

_GONE = """
SELECT c.record AS token_id, c.label, c.owner, c.email, NULL AS created, max(c.at) AS ends, n.purpose
FROM history.change AS c JOIN history.completed USING (pull_id)
JOIN desk.note AS n ON n.about = 'token' AND n.subject = c.record
WHERE c.kind IN ('gone', 'expired') AND c.record NOT IN (SELECT token_id FROM main.token)
    AND c.record NOT IN (SELECT replaces FROM desk.note WHERE replaces IS NOT NULL)
GROUP BY c.record
"""


def offers(reader: Reader, now: int, only: str | None = None) -> list[Offer]:
    """Return the note that each token without a purpose may take over, if any.

    The predecessor has the same owner and the same or a similar label, is older, and is gone or expires soon.
    `only`: the one token to check, for which less likely predecessors are offered, too; None for all. The most recent
    of several predecessors is offered.
    """
    likely = _likely(reader, now, only)
    return likely if only is None else [*likely, *_possible(reader, now, only, {offer.old_id for offer in likely})]


_POSSIBLE = """
SELECT o.old, n.purpose, (SELECT t.label FROM main.token AS t WHERE t.token_id = o.new) AS new_label,
    (SELECT t.expires FROM main.token AS t WHERE t.token_id = o.old) AS ends,
    coalesce((SELECT t.owner FROM main.token AS t WHERE t.token_id = o.old),
        (SELECT c.owner FROM history.change AS c WHERE c.record = o.old ORDER BY c.at DESC LIMIT 1)) AS owner
FROM temp.renewal_offer AS o LEFT JOIN desk.note AS n ON n.about = 'token' AND n.subject = o.old
WHERE o.about = 'token' AND o.new = ? ORDER BY o.place LIMIT 5
"""


def _possible(reader: Reader, now: int, token_id: str, known: Collection[str]) -> list[Offer]:
    """Return what the token may have renewed."""
    read_renewals(reader.db, now)
    rows = [row for row in reader.db.execute(_POSSIBLE, (token_id,)).fetchall() if row["old"] not in known]
    names = names_of(reader, "token", [row["old"] for row in rows])
    return [
        Offer(
            token_id, row["new_label"] or "", row["old"], names.get(row["old"], row["old"]), row["purpose"] or "",
            ("gone" if row["ends"] is None else f"expires {ago(row['ends'], now)}")
            + (f", of {printable(shorten(row['owner']))}" if row["owner"] else ""),
        )
        for row in rows
    ]  # fmt: skip


def _likely(reader: Reader, now: int, only: str | None) -> list[Offer]:
    old: dict[str, list[tuple[int, bool, Row]]] = {}
    ending = reader.db.execute(_ENDING, {"soon": now + reader.thresholds.expiring * DAY})
    for gone, rows in ((False, ending.fetchall()), (True, reader.db.execute(_GONE).fetchall())):
        for row in rows:
            old.setdefault(_owner(row["owner"], row["email"]), []).append((row["ends"], gone, row))
    if not old:
        return []
    found = []
    # One token is looked up by index, all of them are scanned.
    sql = _WITHOUT_NOTE + ("AND token_id = :only" if only else "")
    for row in reader.db.execute(sql, {"only": only} if only else {}):
        before = [
            (ends, gone, one)
            for ends, gone, one in old.get(_owner(row["owner"], row["email"]), ())
            if one["token_id"] != row["token_id"]
            and (one["created"] is None or one["created"] < row["created"])
            and alike(one["label"], row["label"])
        ]
        if before:
            ends, gone, one = max(before, key=lambda found: found[0])
            why = f"{'gone' if gone or ends <= now else 'expires'} {ago(ends, now)}"
            found.append(
                Offer(
                    row["token_id"], row["label"], one["token_id"], one["label"], one["purpose"] or "", why,
                )
            )  # fmt: skip
    return found


def _owner(name: str | None, email: str | None) -> str:
    return fold(email or name or "")

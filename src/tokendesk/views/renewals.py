"""What ends, or ended lately, while in use: how far its renewal is, and what may have renewed it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from tokendesk.history.token_uses import pull_times, token_uses
from tokendesk.model.renewal import LONGEST_SILENCE, Life, Renewals, find_renewals
from tokendesk.model.renewal_states import ENDED, LAPSE, NOT_ASKED, RENEWED
from tokendesk.model.text import fold
from tokendesk.model.timestamps import DAY, parse_expiry, parse_timestamp
from tokendesk.model.usage_rhythm import find_rhythm
from tokendesk.views.renewal_state import Days, days_of

_FEWEST_USES = {"daily": 8, "weekly": 4, "monthly": 3, "quarterly": 3}
"""By rhythm: how many uses must be known before a silence tells anything. Daily ones must include a weekend."""
_REGULAR = ("daily", "weekly", "monthly", "quarterly")


class Due(NamedTuple):
    """Something whose renewal is due. `noted`: what its note says of that; `successor`: what replaces it, as noted.

    `is_regular`: it is used in a rhythm, which may be slow.
    """

    life: Life
    noted: str | None
    successor: str | None
    is_regular: bool

    @property
    def about(self) -> str:
        return "token" if self.life.kind == "token" else "credential"


def find_due(db: sqlite3.Connection, now: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of the tables in renewal_state.py: the states of all that is due, and what may renew it."""
    due = due_for_renewal(db, now)
    found = renewals(db, due, now)
    states = list(_states(due, {pair.old.record: pair.new.record for pair in found.sure}, days_of(db), now))
    offers = [
        (about, record, life.record, place, life.label, life.created, life.last_used)
        for about, record, state, _ in states
        if state != RENEWED
        for place, life in enumerate(found.offers.get(record, ()))
    ]
    return [*states], [*offers]


def _states(
    due: Iterable[Due], successors: Mapping[str, str], days: Days, now: int
) -> Iterator[tuple[str, str, str, str | None]]:
    for each in due:
        successor = each.successor or successors.get(each.life.record)
        end = each.life.end or now
        if successor is None and not each.is_regular and not _is_recent(each.life, min(now, end), days):
            continue
        state = RENEWED if successor else LAPSE if each.noted == LAPSE else ENDED if end <= now else each.noted
        yield each.about, each.life.record, state or NOT_ASKED, successor


def _is_recent(life: Life, at: int, days: Days) -> bool:
    return life.last_used is not None and life.last_used > at - days.in_use * DAY


def due_for_renewal(db: sqlite3.Connection, now: int) -> list[Due]:
    """Return what ends soon, or ended lately, and was in use before that."""
    days = days_of(db)
    window = days.renewal * DAY
    values = {"from": now - window, "until": now + window, "used": window + days.in_use * DAY}
    found = [_listed(row, "token") for row in db.execute(_TOKENS, values)]
    found += [_listed(row, row["kind"]) for row in db.execute(_CREDENTIALS, values)]
    gone = db.execute(_GONE, values).fetchall()
    owners = _Owners(db, gone)
    for row in gone:
        ends = parse_expiry(row["before"])
        kind = "token" if row["subject"] == "token" else row["record"].partition(":")[0]
        life = Life(
            row["record"], kind, row["label"] or "", owners.find(row), parse_timestamp(row["created"]), ends,
            row["last_used"], None, row["at"],
        )  # fmt: skip
        is_early = ends is not None and ends > now + window
        if not is_early and life.last_used is not None and life.last_used > row["at"] - values["used"]:
            found.append(Due(life, row["noted"], row["successor"], is_regular=False))
    return found


def _listed(row: sqlite3.Row, kind: str) -> Due:
    life = Life(
        row["record"], kind, row["label"], row["owner"], row["created"], row["ends"], row["last_used"], row["scopes"]
    )
    return Due(life, row["noted"], row["successor"], bool(row["regular"]))


_SUCCESSOR = "(SELECT s.subject FROM desk.note AS s WHERE s.about = {about} AND s.replaces = {record})"
_NOTED = "(SELECT n.renewal FROM desk.note AS n WHERE n.about = {about} AND n.subject = {record})"


def _of_note(about: str, record: str) -> str:
    said = _NOTED.format(about=about, record=record), _SUCCESSOR.format(about=about, record=record)
    return f"{said[0]} AS noted, {said[1]} AS successor"


_OWNER = "iif(c.kind = 'key', 'organization', coalesce(c.account_id, c.maker_id))"
"""Keys are the organization's, whoever made them."""
_TOKENS = f"""
SELECT t.token_id AS record, t.label, t.owner_id AS owner, t.created, t.expires AS ends, t.last_used, t.scopes,
    h.cadence IN {_REGULAR} AS regular, {_of_note("'token'", "t.token_id")}
FROM main.token AS t LEFT JOIN history.rhythm AS h ON h.token_id = t.token_id
WHERE t.expires > :from AND t.expires < :until
    AND (t.last_used > t.expires - :used OR h.cadence IN {_REGULAR})
    AND t.id NOT IN (SELECT token FROM temp.revoked_now)
"""
_CREDENTIALS = f"""
SELECT c.record, c.kind, c.name AS label, {_OWNER} AS owner, c.created, c.ends, c.last_used,
    c.scopes, 0 AS regular, {_of_note("'credential'", "c.record")}
FROM credential AS c
WHERE c.ends > :from AND c.ends < :until AND c.last_used > c.ends - :used
    AND coalesce(upper(c.status), '') != 'REVOKED'
"""
_GONE = f"""
SELECT c.subject, c.record, c.label, c.owner, c.email, c.before, max(c.at) AS at,
    (SELECT b.after FROM history.change AS b WHERE b.record = c.record AND b.kind = 'created' LIMIT 1) AS created,
    (SELECT max(o.last_used) FROM history.observation AS o WHERE o.token_id = c.record) AS last_used,
    {_of_note("c.subject", "c.record")}
FROM history.change AS c JOIN history.completed USING (pull_id)
WHERE c.at > :from AND c.kind IN ('gone', 'expired') AND c.subject IN ('token', 'credential')
    AND c.record NOT IN (SELECT token_id FROM main.token) AND c.record NOT IN (SELECT record FROM credential)
GROUP BY c.record
"""
_NEW = f"""
SELECT t.token_id AS record, 'token' AS kind, t.label, t.owner_id AS owner, t.created, t.expires AS ends, t.last_used,
    t.scopes
FROM main.token AS t
WHERE t.created > :since AND NOT EXISTS (
    SELECT 1 FROM desk.note AS n WHERE n.about = 'token' AND n.subject = t.token_id AND n.replaces IS NOT NULL)
UNION ALL
SELECT c.record, c.kind, c.name, {_OWNER}, c.created, c.ends, c.last_used, c.scopes
FROM credential AS c
WHERE c.created > :since AND NOT EXISTS (
    SELECT 1 FROM desk.note AS n WHERE n.about = 'credential' AND n.subject = c.record AND n.replaces IS NOT NULL)
"""
_PROPOSED = "SELECT subject, value FROM desk.written WHERE name = 'replaces' AND value IS NOT NULL"


class _Owners:
    """Finds the ids of owners by what the history kept of them: an address, or the name of a service account."""

    def __init__(self, db: sqlite3.Connection, gone: Iterable[sqlite3.Row]) -> None:
        emails = {fold(row["email"]) for row in gone if row["subject"] == "token" and row["email"]}
        self._by_email: dict[str, str | None] = {}
        if emails:
            for email, account_id in db.execute("SELECT email_folded, account_id FROM main.user"):
                if email in emails:
                    self._by_email[email] = None if email in self._by_email else account_id
        self._by_name: dict[str, str | None] = {}
        for name, account_id in db.execute(_ACCOUNTS):
            self._by_name[name] = None if name in self._by_name else account_id

    def find(self, row: sqlite3.Row) -> str | None:
        if row["subject"] == "token":
            return self._by_email.get(fold(row["email"] or ""))
        if row["record"].startswith("key:"):
            return "organization"
        return self._by_name.get(row["owner"] or "")


_ACCOUNTS = "SELECT name, credential_id FROM credential WHERE kind = 'service-account'"


def renewals(db: sqlite3.Connection, due: Iterable[Due], now: int) -> Renewals:
    """Return what renewed what, and what may have. A pair that was written before, and undone, is in neither."""
    window = days_of(db).renewal * DAY
    open_ones = [each.life for each in due if each.successor is None]
    if not open_ones:
        return Renewals((), {})
    since = min(life.end or now for life in open_ones) - max(window, LONGEST_SILENCE)
    new = [Life(*row) for row in db.execute(_NEW, {"since": since})]
    pulls = pull_times(db, "history")
    found = find_renewals(open_ones, new, now, window, partial(_usual_silence, db, pulls))
    proposed = {tuple(row) for row in db.execute(_PROPOSED)}
    sure = tuple(pair for pair in found.sure if (pair.new.record, pair.old.record) not in proposed)
    offers = {
        record: tuple(life for life in offered if (life.record, record) not in proposed)
        for record, offered in found.offers.items()
    }
    return Renewals(sure, {record: offered for record, offered in offers.items() if offered})


def _usual_silence(db: sqlite3.Connection, pulls: list[int], life: Life) -> int | None:
    """Return the longest silence within the rhythm that something had, half as long again; None without a rhythm."""
    uses = token_uses(db, [life.record], "history")
    rhythm = find_rhythm(uses, [pull for pull in pulls if pull <= (life.end or pull)])
    if rhythm.was not in _REGULAR or len(uses) < _FEWEST_USES[rhythm.was]:
        return None
    longest = max(after - before for before, after in pairwise(uses))
    return min(max(longest, DAY) * 3 // 2, LONGEST_SILENCE)

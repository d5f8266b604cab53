"""What ends, or ended lately, while in use: how far its renewal is, and what may have renewed it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from tokendesk.history.token_uses import pull_times, token_uses
from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT
from tokendesk.model.renewal import LONGEST_SILENCE, Life, Renewals, find_renewals
from tokendesk.model.renewal_states import ENDED, LAPSE, NOT_ASKED, RENEWED
from tokendesk.model.text import fold
from tokendesk.model.timestamps import DAY, clock_correction, parse_expiry, parse_timestamp
from tokendesk.model.usage_rhythm import find_rhythm
from tokendesk.snapshot.file import read_info
from tokendesk.views.renewal_tables import Days, days_of

_FEWEST_USES = {"daily": 8, "weekly": 4, "monthly": 3, "quarterly": 3}
"""By rhythm: how many uses must be known before a silence tells anything. Daily ones must include a weekend."""
_REGULAR = tuple(_FEWEST_USES)


class Due(NamedTuple):
    """Something whose renewal is due. `noted`: what its note says of that; `successor`: what replaces it, as noted.

    `is_regular`: it is used in a rhythm, which may be slow.
    """

    life: Life
    noted: str | None
    successor: str | None
    is_regular: bool


def about_of(life: Life) -> str:
    """Return what notes on it are about."""
    return "token" if life.kind == "token" else "credential"


def find_due(db: sqlite3.Connection, now: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of the tables in renewal_state.py: the states of all that is due, and what may renew it."""
    due = due_for_renewal(db, now)
    found = renewals(db, due, now)
    states = list(_states(due, {pair.old.record: pair.new.record for pair in found.sure}, days_of(db), now))
    offers = [
        (about, record, life.record, place, life.label, life.created, life.last_used)
        for about, record, state, *_ in states
        if state != RENEWED
        for place, life in enumerate(found.offers.get(record, ()))
    ]
    return [*states], [*offers]


def _states(
    due: Iterable[Due], successors: Mapping[str, str], days: Days, now: int
) -> Iterator[tuple[str, str, str, str | None, int | None]]:
    for each in due:
        successor = each.successor or successors.get(each.life.record)
        end = each.life.end or now
        if successor is None and not each.is_regular and not _is_recent(each.life, min(now, end), days):
            continue
        state = RENEWED if successor else LAPSE if each.noted == LAPSE else ENDED if end <= now else each.noted
        yield about_of(each.life), each.life.record, state or NOT_ASKED, successor, each.life.gone_at


def _is_recent(life: Life, at: int, days: Days) -> bool:
    return life.last_used is not None and life.last_used > at - days.in_use * DAY


def due_for_renewal(db: sqlite3.Connection, now: int) -> list[Due]:
    """Return what ends soon, or ended lately, and was in use before that."""
    days = days_of(db)
    window = days.renewal * DAY
    values = {"from": now - window, "until": now + window, "used": window + days.in_use * DAY}
    seen = _seen(db)
    successors = {(about, old): new for about, old, new in db.execute(_SUCCESSORS)}
    listed = [(row, _listed(row, "token", seen)) for row in db.execute(_TOKENS, values)]
    listed += [(row, _listed(row, row["kind"], seen)) for row in db.execute(_CREDENTIALS, values)]
    found = [
        Due(life, row["noted"], successors.get((about_of(life), life.record)), bool(row["regular"]))
        for row, life in listed
    ]
    gone = db.execute(_GONE, values).fetchall()
    owners = _Owners(db, gone)
    for row in gone:
        ends = parse_expiry(row["before"])
        kind = "token" if row["subject"] == "token" else row["record"].partition(":")[0]
        life = Life(
            row["record"], kind, row["label"] or "", owners.find(row), parse_timestamp(row["created"]), ends,
            row["last_used"], None, row["at"], row["at"], kind != OAUTH_CLIENT,
        )  # fmt: skip
        is_early = ends is not None and ends > now + window
        if not is_early and life.last_used is not None and life.last_used > row["at"] - values["used"]:
            found.append(Due(life, row["noted"], successors.get((about_of(life), life.record)), is_regular=False))
    return found


def _seen(db: sqlite3.Connection) -> dict[str, int]:
    """Return when each kind was looked for last: after that, silence tells nothing."""
    if db.execute("SELECT 1 FROM main.meta").fetchone() is None:
        return {}  # no snapshot yet
    info = read_info(db)
    ahead = int(clock_correction(info.clock_ahead or 0.0).total_seconds())  # uses are dated by the server
    seen = {"token": info.tokens_at - ahead}
    lists = db.execute("SELECT kind, min(coalesce(read_at, '')) FROM credential_list GROUP BY kind")
    return seen | {kind: at - ahead for kind, read_at in lists if (at := parse_timestamp(read_at)) is not None}


def _listed(row: sqlite3.Row, kind: str, seen: Mapping[str, int]) -> Life:
    at = seen.get(kind)
    return Life(
        row["record"], kind, row["label"], row["owner"], row["created"], row["ends"], row["last_used"], row["scopes"],
        at if row["revoked"] else None, at,
    )  # fmt: skip


_NOTED = "(SELECT n.renewal FROM desk.note AS n WHERE n.about = {about} AND n.subject = {record}) AS noted"
_SUCCESSORS = """
SELECT s.about, s.replaces, s.subject FROM desk.note AS s
WHERE s.replaces IS NOT NULL AND (EXISTS (SELECT 1 FROM temp.usable AS u WHERE u.record = s.subject)
    OR EXISTS (SELECT 1 FROM history.change AS c WHERE c.record = s.subject))
"""
"""One that is listed as revoked has renewed nothing; one that is gone by now may have."""
ORGANIZATION = "organization"
_OWNER = f"iif(c.kind = 'key', '{ORGANIZATION}', coalesce(c.account_id, c.maker_id))"
"""Keys are the organization's, whoever made them."""
_TOKENS = f"""
SELECT t.token_id AS record, t.label, t.owner_id AS owner, t.created, t.expires AS ends, t.last_used, t.scopes,
    h.cadence IN {_REGULAR} AS regular, 0 AS revoked, {_NOTED.format(about="'token'", record="t.token_id")}
FROM main.token AS t LEFT JOIN history.rhythm AS h ON h.token_id = t.token_id
WHERE t.expires > :from AND t.expires < :until
    AND (t.last_used > t.expires - :used OR h.cadence IN {_REGULAR})
    AND t.id NOT IN (SELECT token FROM temp.revoked_now)
"""
_CREDENTIALS = f"""
SELECT c.record, c.kind, c.name AS label, {_OWNER} AS owner, c.created, c.ends, c.last_used,
    c.scopes, 0 AS regular, coalesce(upper(c.status), '') = 'REVOKED' AS revoked,
    {_NOTED.format(about="'credential'", record="c.record")}
FROM credential AS c
WHERE c.ends > :from AND c.ends < :until AND c.last_used > c.ends - :used
"""
_GONE = f"""
SELECT c.subject, c.record, c.label, c.owner, c.email, c.before, max(c.at) AS at,
    (SELECT b.after FROM history.change AS b WHERE b.record = c.record AND b.kind = 'created' LIMIT 1) AS created,
    (SELECT max(o.last_used) FROM history.observation AS o WHERE o.token_id = c.record) AS last_used,
    {_NOTED.format(about="c.subject", record="c.record")}
FROM history.change AS c JOIN history.completed USING (pull_id)
WHERE c.at > :from AND c.kind IN ('gone', 'expired') AND c.subject IN ('token', 'credential')
    AND c.record NOT IN (SELECT token_id FROM main.token) AND c.record NOT IN (SELECT record FROM credential)
GROUP BY c.record
"""
_NEW = f"""
SELECT t.token_id AS record, 'token' AS kind, t.label, t.owner_id AS owner, t.created, t.expires AS ends, t.last_used,
    t.scopes
FROM main.token AS t
WHERE t.created > :since AND t.token_id IN (SELECT record FROM temp.usable) AND NOT EXISTS (
    SELECT 1 FROM desk.note AS n WHERE n.about = 'token' AND n.subject = t.token_id AND n.replaces IS NOT NULL)
UNION ALL
SELECT c.record, c.kind, c.name, {_OWNER}, c.created, c.ends, c.last_used, c.scopes
FROM credential AS c
WHERE c.created > :since AND c.record IN (SELECT record FROM temp.usable) AND NOT EXISTS (
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
        self._by_maker = dict(tuple(row) for row in db.execute(_OF_CLIENTS))

    def find(self, row: sqlite3.Row) -> str | None:
        if row["subject"] == "token":
            return self._by_email.get(fold(row["email"] or ""))
        kind = row["record"].partition(":")[0]
        if kind == KEY:
            return ORGANIZATION
        # Of a client the history keeps the name of the account, or of who made it, and not which.
        names = self._by_maker if kind == OAUTH_CLIENT else self._by_name
        return names.get(row["owner"] or "")


_OF_CLIENTS = """
SELECT coalesce(account_name, maker_name) AS name, min(coalesce(account_id, maker_id)) FROM credential
WHERE kind = 'oauth-client' GROUP BY name HAVING count(DISTINCT coalesce(account_id, maker_id)) = 1
"""
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
    looked = {"token": pulls, "credential": _pulls_of_credentials(db)}
    found = find_renewals(open_ones, new, window, partial(_usual_silence, db, looked))
    proposed = {tuple(row) for row in db.execute(_PROPOSED)}
    sure = tuple(pair for pair in found.sure if (pair.new.record, pair.old.record) not in proposed)
    offers = {
        record: tuple(life for life in offered if (life.record, record) not in proposed)
        for record, offered in found.offers.items()
    }
    return Renewals(sure, {record: offered for record, offered in offers.items() if offered})


def _pulls_of_credentials(db: sqlite3.Connection) -> list[int]:
    """Return the times of the pulls that saw a new use of any: quick ones do not look, and keep what was there."""
    return [row[0] for row in db.execute(_SAW_CREDENTIALS)]


_SAW_CREDENTIALS = """
SELECT DISTINCT p.pulled_at FROM history.observation AS o JOIN history.completed USING (pull_id)
JOIN history.pull AS p USING (pull_id) WHERE o.token_id LIKE '%:%' ORDER BY 1
"""


def _usual_silence(db: sqlite3.Connection, looked: Mapping[str, list[int]], life: Life) -> int | None:
    """Return the longest silence within the rhythm that something had, half as long again; None without a rhythm."""
    uses = token_uses(db, [life.record], "history")
    pulls = looked["token" if life.kind == "token" else "credential"]
    rhythm = find_rhythm(uses, [pull for pull in pulls if pull <= (life.end or pull)])
    if rhythm.was not in _REGULAR or len(uses) < _FEWEST_USES[rhythm.was]:
        return None
    longest = max(after - before for before, after in pairwise(uses))
    return min(max(longest, DAY) * 3 // 2, LONGEST_SILENCE)

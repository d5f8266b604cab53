"""Overlays the snapshot with what runs did since it was read: current policies of users, revoked tokens.

Each user counts by the time at which their policy was read, tokens by the time of their list.
"""

import sqlite3
from datetime import UTC, datetime, timedelta

from tokendesk.desk.clocks import correction
from tokendesk.model.timestamps import clock_correction, entry_time
from tokendesk.snapshot.file import read_clock_ahead

SLOW = timedelta(minutes=15)
"""How long a move may take to show (api handbook 7.2): a pull that starts sooner after it proves nothing."""

TABLES = """
CREATE TEMP TABLE moved_now (user INTEGER PRIMARY KEY, policy INTEGER, was INTEGER, tokens INTEGER, words TEXT);
CREATE TEMP TABLE revoked_now (token INTEGER PRIMARY KEY);
CREATE TEMP TABLE revoked_of (user INTEGER PRIMARY KEY, tokens INTEGER);
CREATE TEMP TABLE seen_policy (id INTEGER PRIMARY KEY, policy_id TEXT);
"""

_SEEN = """
INSERT INTO temp.seen_policy
SELECT -1000000 - row_number() OVER (ORDER BY policy_id), policy_id
FROM (SELECT policy_id FROM desk.moved UNION SELECT before_id FROM desk.moved)
WHERE policy_id IS NOT NULL AND policy_id NOT IN (SELECT policy_id FROM main.policy)
    AND policy_id NOT IN (SELECT policy_id FROM desk.policy_fact)
"""
"""Policies known only from runs: without members at the pull, and without a name."""
# CROSS JOIN: look up each of the few users in runs; the other order would read all users.
_MOVED = """
INSERT INTO temp.moved_now
SELECT u.id, iif(m.state = 'under way', iif(m.at > {read}, coalesce(now.id, u.policy), u.policy), now.id), u.policy,
    u.tokens - coalesce((SELECT g.tokens FROM temp.revoked_of AS g WHERE g.user = u.id), 0),
    iif(m.state = 'seen', NULL,
        coalesce(past.name, 'unknown') || ' → ' || coalesce(target.name, m.to_id) || ' (pending)')
FROM desk.moved AS m
CROSS JOIN main.user AS u ON u.account_id = m.account_id
LEFT JOIN temp.policy_name AS now ON now.policy_id = m.policy_id
LEFT JOIN temp.policy_name AS past ON past.policy_id = m.before_id
LEFT JOIN temp.policy_name AS target ON target.policy_id = m.to_id
WHERE CASE m.state
    WHEN 'seen' THEN m.at >= {read} AND now.id IS NOT NULL AND now.id IS NOT u.policy
    WHEN 'moved' THEN m.at > {settled} AND now.id IS NOT NULL AND now.id IS NOT u.policy
    ELSE m.at > {read} OR (m.at > {settled} AND u.policy IS past.id AND EXISTS (
        SELECT 1 FROM desk.run AS r JOIN desk.desk AS own USING (desk_id) WHERE r.run_id = m.run_id)) END
"""
"""A move under way may take a while to show. But if another desk intended it and a later pull does not show it, this
desk cannot find out its outcome: then the snapshot counts."""
_GONE = "('REVOKED', 'Revoked', 'revoked')"
_REVOKED = f"""
INSERT INTO temp.revoked_now
SELECT t.id FROM desk.revoked AS r CROSS JOIN main.token AS t USING (token_id) WHERE r.at > :tokens
UNION SELECT t.id FROM main.policy AS p CROSS JOIN main.token AS t ON t.policy = p.id AND t.status IN {_GONE}
UNION SELECT t.id FROM main.token AS t WHERE t.policy IS NULL AND t.status IN {_GONE}
"""
"""Joined through the policies, to use the index on policy and status: start-up must not read all tokens."""
_REVOKED_OF = """
INSERT INTO temp.revoked_of
SELECT t.user, count(*) FROM temp.revoked_now AS r CROSS JOIN main.token AS t ON t.id = r.token
WHERE t.user IS NOT NULL GROUP BY t.user
"""


_FILLED = (("seen_policy", _SEEN), ("revoked_now", _REVOKED), ("revoked_of", _REVOKED_OF), ("moved_now", _MOVED))
"""In order of dependency."""


def fill_pending_changes(db: sqlite3.Connection) -> None:
    """Refill `TABLES`, all or nothing if interrupted."""
    tokens = _time(db, "tokens_read_at", "started_at", "pulled_at") - SLOW - _correction(db)
    values = {"pull": pull_began(db), "tokens": entry_time(tokens)}
    read = policy_read_as_entry(db)
    settled = f"strftime('%Y-%m-%dT%H:%M:%fZ', {read}, '-{SLOW // timedelta(minutes=1)} minutes')"
    db.execute("SAVEPOINT pending_changes")
    try:
        for table, question in _FILLED:
            db.execute(f"DELETE FROM temp.{table}")
            db.execute(question.format(read=read, settled=settled), values)
        db.execute("RELEASE pending_changes")
    except BaseException:
        db.execute("ROLLBACK TO pending_changes")
        db.execute("RELEASE pending_changes")
        raise


def policy_read(db: sqlite3.Connection) -> str:
    """Return SQL for when the policy of main.user AS u was read, in the format of entry times.

    `:pull`: when the pull started (`pull_began`). Snapshots of format 2 do not know more.
    """
    known = any(row[1] == "read_at" for row in db.execute("PRAGMA main.table_info(user)"))
    return "coalesce(u.read_at, :pull)" if known else ":pull"


def policy_read_as_entry(db: sqlite3.Connection) -> str:
    """Return the same SQL for comparing with entries: those follow the server's clock, a pull this computer's."""
    read, ahead = policy_read(db), _correction(db).total_seconds()
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {read}, '{-ahead:+f} seconds')" if ahead else read


def _correction(db: sqlite3.Connection) -> timedelta:
    ahead = read_clock_ahead(dict(tuple(row) for row in db.execute("SELECT name, value FROM main.meta")))
    # Snapshots of 0.1 do not know it.
    return correction(db, _time(db, "pulled_at")) if ahead is None else clock_correction(ahead)


def pull_began(db: sqlite3.Connection) -> str:
    """Return when the pull of the snapshot started, in the format of entry times."""
    return entry_time(_time(db, "started_at", "pulled_at"))


def _time(db: sqlite3.Connection, *names: str) -> datetime:
    """Return the first of these times that the snapshot has."""
    for name in names:
        row = db.execute("SELECT value FROM main.meta WHERE name = ?", (name,)).fetchone()
        if row:
            return _moment(row[0])
    return datetime.fromtimestamp(0, UTC)


def _moment(text: str) -> datetime:
    """Return the time to the microsecond: a run and a pull may follow each other within a second."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

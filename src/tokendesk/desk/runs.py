"""Runs: the changes to the organization, recorded before and after each step.

Kinds of entries, each with `run`, the id of the run's first entry:

run-begun     the whole plan, its digest, the label or kind of the key; this entry's id is the run's id
run-intended  `batch`, `to` (policy id) and `rows`: record -> policy found just before. Nothing was sent yet.
              To revoke: `rows`: record -> id in its owner's list, and `matched`: record -> how it was found
              there (`by`), and its `disabledStatus` there (`disabled`)
run-accepted  `batch`, `task`: Atlassian accepted the batch
run-outcomes  `rows`: record -> [outcome, reason, policy found or None]
run-verified  `rows`: record -> policy found afterwards, None if unknown
run-ended     `state`: done, cancelled, stopped, given-up (an interrupted run, by an admin); `words`: why
run-set-aside `why`: the reason why an interrupted run could not be recovered. The next start tries again

Entries of one run may arrive in any order and from another desk: each row keeps the latest of each kind. If one arrives
after later ones, the run is folded again in order of time.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tokendesk.desk.folding import Folded
from tokendesk.desk.in_effect import is_in_effect

MOVED, FAILED, CHANGED, UNKNOWN = "moved", "failed", "changed", "unknown"
REVOKED, GONE, UNCHECKED, NOT_TRIED = "revoked", "gone", "unchecked", "not tried"
GOOD = (MOVED, REVOKED, GONE)
"""Final outcomes of a row. `changed`: it had changed since the plan, and was left alone."""

OUTCOMES_KNOWN = frozenset((MOVED, FAILED, CHANGED, UNKNOWN, REVOKED, GONE, UNCHECKED, NOT_TRIED))
"""Other outcomes, from a newer version or made by hand, count as unknown."""
STATES = ("done", "cancelled", "stopped", "given-up")
PUT_BACK, REVOKE, KEEP = QUARANTINE_ENDS = ("put-back", "revoke", "keep")
"""How a quarantine ends: the users move back, their tokens are revoked, or nothing changes."""

BY_ID, BY_LABEL = "id", "label and time of creation"
"""How a token of the organization's list was found in its owner's list."""

BEGUN, INTENDED, ACCEPTED, OUTCOMES, VERIFIED, ENDED, SET_ASIDE = (
    "run-begun", "run-intended", "run-accepted", "run-outcomes", "run-verified", "run-ended", "run-set-aside",
)  # fmt: skip
QUARANTINE = "quarantine-ended"
"""`run`, `how`: put-back, revoke or keep. Ends the quarantine of the users moved by the run."""

_RESULTS = frozenset((OUTCOMES, VERIFIED, ENDED))

_LATEST = """
SELECT r.time, e.desk_id, e.sequence, e.entry_id FROM run_entry AS r JOIN entry AS e USING (entry_id)
WHERE r.run_id = ? ORDER BY r.time DESC, e.desk_id DESC, e.sequence DESC, e.entry_id DESC LIMIT 1
"""
_MOST_KEPT = 10_000

_BEGIN = """
INSERT INTO run (
    run_id, desk_id, kind, author, began, digest, key_words, undoes, quarantine_until, planned, refused, there
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET desk_id = excluded.desk_id, kind = excluded.kind, author = excluded.author,
    began = excluded.began, digest = excluded.digest, key_words = excluded.key_words, undoes = excluded.undoes,
    quarantine_until = excluded.quarantine_until, planned = excluded.planned, refused = excluded.refused,
    there = excluded.there
"""
_BEGIN_ROW = """
INSERT INTO run_row (run_id, record, account_id, name, email, label, from_id, to_id, planned, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET account_id = excluded.account_id, name = excluded.name, email = excluded.email,
    label = excluded.label, from_id = excluded.from_id, to_id = excluded.to_id, planned = excluded.planned,
    reason = coalesce(reason, excluded.reason)
"""
_INTEND = """
INSERT INTO run_row (run_id, record, batch, before_id, intended) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET batch = excluded.batch, before_id = excluded.before_id, intended = excluded.intended
"""
_OUTCOME = """
INSERT INTO run_row (run_id, record, outcome, reason, outcome_found, outcome_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
    outcome_found = excluded.outcome_found, outcome_at = excluded.outcome_at
WHERE excluded.outcome_at > coalesce(outcome_at, '')
"""
_VERIFY = """
INSERT INTO run_row (run_id, record, found_id, verified_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET found_id = excluded.found_id, verified_at = excluded.verified_at
WHERE excluded.verified_at > coalesce(verified_at, '')
"""
_BATCH = """
INSERT INTO run_batch (run_id, batch, {column}, {at}) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET {column} = excluded.{column}, {at} = excluded.{at}
"""
_BATCH_INTENDED = _BATCH.format(column="to_id", at="intended")
_BATCH_ACCEPTED = _BATCH.format(column="task_id", at="accepted")
_END = """
INSERT INTO run (run_id, state, words, ended) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, words = excluded.words, ended = excluded.ended
WHERE excluded.ended > coalesce(run.ended, '')
"""
_ASIDE = """
INSERT INTO run_aside (run_id, why, at) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET why = excluded.why, at = excluded.at WHERE excluded.at > run_aside.at
"""
_QUARANTINE = """
INSERT INTO run (run_id, quarantine_ended, quarantine_how) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET quarantine_ended = excluded.quarantine_ended, quarantine_how = excluded.quarantine_how
WHERE excluded.quarantine_ended > coalesce(run.quarantine_ended, '')
"""


def run_of(entry: Folded) -> str:
    """Return the id of an entry's run."""
    return entry.entry_id if entry.kind == BEGUN else str(entry.payload.get("run"))


class LatestSteps:
    """Tracks the latest entry of each run while entries arrive."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._latest: dict[str, tuple[str, str, int, str] | None] = {}
        self._new: list[tuple[str, str, str]] = []

    def note(self, entry: Folded) -> set[str]:
        """Record the run of an entry; return the runs to fold again.

        If steps of a run arrive before its first entry, some of them may be from a different desk than the run's. If a
        later step is known, as on a desk that was copied and used twice, this one must not count as the latest.
        """
        run_id, place = run_of(entry), (*entry.moment, entry.entry_id)
        if run_id not in self._latest:
            self._latest[run_id] = self._db.execute(_LATEST, (run_id,)).fetchone()
        latest = self._latest[run_id]
        self._new.append((run_id, place[0], entry.entry_id))
        if latest is None or latest < place:
            self._latest[run_id] = place
        is_late = latest is not None and (latest > place or entry.kind == BEGUN)
        return {run_id} if is_late else set()

    def write(self) -> None:
        self._db.executemany("INSERT OR IGNORE INTO run_entry VALUES (?, ?, ?)", self._new)
        self._new.clear()
        if len(self._latest) > _MOST_KEPT:
            self._latest.clear()


class ChangedRows:
    """Collects the users and tokens of runs, to update what is known of them once at the end."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: set[tuple[str, str]] = set()
        self._users: set[str] = set()
        self._tokens: set[str] = set()

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add rows of runs: (run, record)."""
        self._rows.update(rows)
        if len(self._rows) > _MOST_KEPT:
            self._look_up()

    def add_all(self, run_id: str) -> None:
        """Add all rows of a run, whether they stay or not."""
        for record, account_id in self._db.execute(
            "SELECT record, account_id FROM run_row WHERE run_id = ?", (run_id,)
        ):
            self._tokens.add(record)
            if account_id:
                self._users.add(account_id)

    def _look_up(self) -> None:
        for row in self._rows:
            found = self._db.execute(_TOLD, row).fetchone()
            if found is None:
                continue
            record, account_id, to_id = found  # as stored: another desk's entry may have a number for an id
            if to_id is None:
                self._tokens.add(record)
            else:
                self._users.add(account_id)
        self._rows.clear()

    def renew(self) -> None:
        """Update what is known of all of them."""
        self._look_up()
        for account_id in sorted(self._users):
            _renew_user(self._db, account_id)
        for record in sorted(self._tokens):
            _renew_token(self._db, record)
        self._users.clear()
        self._tokens.clear()


def owners(db: sqlite3.Connection, entries: Iterable[Folded]) -> dict[str, str | None]:
    """Return the desks that started the runs of these entries; None if that is not known."""
    sql = "SELECT desk_id FROM run WHERE run_id = ?"
    found = {run_id: db.execute(sql, (run_id,)).fetchone() for run_id in {run_of(entry) for entry in entries}}
    return {run_id: None if row is None else row[0] for run_id, row in found.items()}


def counts(db: sqlite3.Connection, entry: Folded, owner: str | None) -> bool:
    """Return whether an entry is a valid step of its run: only the desk that started a run may record its steps.

    Any desk may end a quarantine, and undo that. Outcomes in entries that came back from a file are not trusted for
    our own runs: whatever was sent is checked again.
    """
    if entry.kind == QUARANTINE:
        return is_in_effect(db, entry.entry_id)
    if owner is None:
        return True
    if owner != entry.moment[1]:
        return False
    return entry.kind not in _RESULTS or not _came_back(db, entry.entry_id) or _came_back(db, run_of(entry))


def _came_back(db: sqlite3.Connection, entry_id: str) -> bool:
    return db.execute("SELECT 1 FROM returned WHERE entry_id = ?", (entry_id,)).fetchone() is not None


def last_step(db: sqlite3.Connection, run_id: str) -> str:
    """Return the time of the latest entry of a run; "" if there is none."""
    row = db.execute("SELECT max(time) FROM run_entry WHERE run_id = ?", (run_id,)).fetchone()
    return str(row[0] or "")


_Rows = dict[str, list[Sequence[Any]]]
"""Rows to write, by SQL statement."""


def put(db: sqlite3.Connection, entries: Sequence[Folded], changed: "ChangedRows") -> None:
    """Fold entries of runs, in any order."""
    rows: _Rows = {}
    found: list[tuple[str, str]] = []
    for entry in entries:
        run_id = entry.entry_id if entry.kind == BEGUN else str(entry.payload["run"])
        found += [(run_id, record) for record in _PUTS[entry.kind](rows, run_id, entry)]
    for statement, values in rows.items():
        db.executemany(statement, values)
    changed.add(found)


def _begin(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    payload, plan = entry.payload, entry.payload["plan"]
    rows = plan["rows"]
    counts = [sum(row["outcome"] == outcome for row in rows) for outcome in ("do", "refused", "there")]
    into.setdefault(_BEGIN, []).append((
        run_id, entry.moment[1], plan["kind"], entry.author, entry.moment[0], payload["digest"],
        payload.get("key"), plan["undoes"], plan["quarantine_until"], *counts,
    ))  # fmt: skip
    revoking = plan["kind"] == "revoke"
    found = [
        (
            run_id, row["tokens"][0]["token_id"] if revoking else row["account_id"], row["account_id"], row["name"],
            row["email"], row["tokens"][0]["label"] if revoking else None, row["from_id"], row["to_id"],
            row["outcome"], row["reason"] or None,
        )
        for row in rows
    ]  # fmt: skip
    into.setdefault(_BEGIN_ROW, []).extend(found)
    return [row[1] for row in found]


def _intend(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    payload, time = entry.payload, entry.moment[0]
    rows: Mapping[str, str | None] = payload["rows"]
    into.setdefault(_BATCH_INTENDED, []).append((run_id, payload["batch"], payload["to"], time))
    into.setdefault(_INTEND, []).extend(
        (run_id, record, payload["batch"], found, time) for record, found in rows.items()
    )
    return rows


def _accept(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    payload = entry.payload
    into.setdefault(_BATCH_ACCEPTED, []).append((run_id, payload["batch"], payload["task"], entry.moment[0]))
    return ()


def _put_outcomes(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    rows: Mapping[str, Sequence[str | None]] = entry.payload["rows"]
    at = _sort_text(entry)
    into.setdefault(_OUTCOME, []).extend(
        (run_id, record, outcome if outcome in OUTCOMES_KNOWN else UNKNOWN, reason, found, at)
        for record, (outcome, reason, found) in rows.items()
    )
    return rows


def _verify(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    rows: Mapping[str, str | None] = entry.payload["rows"]
    at = _sort_text(entry)
    into.setdefault(_VERIFY, []).extend((run_id, record, found, at) for record, found in rows.items())
    return rows


def _end(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    if entry.payload["state"] not in STATES:
        raise ValueError("a state that is not known here: how the run ended is not known")
    words = entry.payload.get("words") or None
    into.setdefault(_END, []).append((run_id, entry.payload["state"], words, _sort_text(entry)))
    return ()


def _set_aside(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    into.setdefault(_ASIDE, []).append((run_id, entry.payload["why"], _sort_text(entry)))
    return ()


def _end_quarantine(into: _Rows, run_id: str, entry: Folded) -> Iterable[str]:
    if entry.payload["how"] not in QUARANTINE_ENDS:
        raise ValueError("an end that is not known here")
    into.setdefault(_QUARANTINE, []).append((run_id, _sort_text(entry), entry.payload["how"]))
    return ()


def _sort_text(entry: Folded) -> str:
    """Return a text that sorts as entries do: by time, desk, sequence. Its first 27 characters are the time."""
    time, desk_id, sequence = entry.moment
    return f"{time} {desk_id} {sequence:012d}"


_PUTS = {
    BEGUN: _begin, INTENDED: _intend, ACCEPTED: _accept, OUTCOMES: _put_outcomes, VERIFIED: _verify, ENDED: _end,
    QUARANTINE: _end_quarantine, SET_ASIDE: _set_aside,
}  # fmt: skip

# What a row says about its user's policy. A failed or untried row says nothing; a user whose move is under way, or of
# unknown outcome, is still in the old policy as far as known.
_KNOWN = """
SELECT account_id,
    CASE WHEN found_id IS NOT NULL THEN found_id WHEN outcome = 'moved' THEN to_id
        WHEN outcome = 'changed' THEN outcome_found ELSE coalesce(before_id, from_id) END,
    coalesce(before_id, from_id), to_id,
    CASE WHEN found_id IS NOT NULL OR outcome = 'changed' THEN 'seen' WHEN outcome = 'moved' THEN 'moved'
        ELSE 'under way' END,
    run_id, substr(max(coalesce(verified_at, ''), coalesce(outcome_at, ''), coalesce(intended, '')), 1, 27)
FROM run_row
WHERE account_id = ? AND to_id IS NOT NULL AND (
    found_id IS NOT NULL OR outcome IN ('moved', 'unknown')
    OR (outcome = 'changed' AND outcome_found IS NOT NULL) OR (outcome IS NULL AND intended IS NOT NULL))
ORDER BY max(coalesce(verified_at, ''), coalesce(outcome_at, ''), coalesce(intended, '')) DESC, run_id LIMIT 1
"""
_GONE = """
SELECT record, run_id, account_id, label, substr(outcome_at, 1, 27) FROM run_row
WHERE record = ? AND account_id IS NOT NULL AND to_id IS NULL AND outcome IN ('revoked', 'gone')
ORDER BY outcome_at DESC, run_id LIMIT 1
"""
# A row without an account is not of the run's plan, or its plan is not here: it says nothing.
_TOLD = """
SELECT record, account_id, to_id FROM run_row WHERE run_id = ? AND record = ? AND account_id IS NOT NULL
    AND coalesce(outcome, intended, verified_at) IS NOT NULL
"""


KINDS = frozenset(_PUTS)


def forget(db: sqlite3.Connection, run_id: str, changed: ChangedRows) -> None:
    """Remove a run from the folded tables."""
    changed.add_all(run_id)
    for table in ("run", "run_row", "run_batch", "run_aside"):
        db.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))


def _renew_token(db: sqlite3.Connection, record: str) -> None:
    gone = db.execute(_GONE, (record,)).fetchone()
    if gone is None:
        db.execute("DELETE FROM revoked WHERE token_id = ?", (record,))
    else:
        db.execute("INSERT OR REPLACE INTO revoked VALUES (?, ?, ?, ?, ?)", gone)


def _renew_user(db: sqlite3.Connection, account_id: str) -> None:
    known = db.execute(_KNOWN, (account_id,)).fetchone()
    if known is None:
        db.execute("DELETE FROM moved WHERE account_id = ?", (account_id,))
    else:
        db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", known)


def matches(db: sqlite3.Connection, run_id: str) -> dict[str, dict[str, Any]]:
    """Return how each token of a run was found in its owner's list: record -> (`by`, `disabled`)."""
    sql = "SELECT e.payload FROM run_entry AS r JOIN entry AS e USING (entry_id) WHERE r.run_id = ? AND e.kind = ?"
    found: dict[str, dict[str, Any]] = {}
    for (payload,) in db.execute(sql, (run_id, INTENDED)):
        matched = json.loads(payload).get("matched")
        if isinstance(matched, dict):
            found |= {record: how for record, how in matched.items() if isinstance(how, dict)}
    return found


def beginning(db: sqlite3.Connection, run_id: str) -> Any:
    """Return the payload of the run's first entry: `plan` (for `plan_from_record`), `digest`, `key`; or None."""
    row = db.execute("SELECT payload FROM entry WHERE entry_id = ?", (run_id,)).fetchone()
    return None if row is None else json.loads(row[0])

"""How many tokens of the goal's policy were undecided and in use at past pulls, as history and desk know it.

Nothing is stored for this. Which tokens there were, and which policy their owners were in, follows from what is there
now and the changes that pulls saw; uses from the last uses that they saw; decisions from the times of their entries.
So a decision that was undone counts as never made, and a move that no pull saw as never happened.
"""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from tokendesk.desk.in_effect import is_in_effect
from tokendesk.desk.note_fields import DECISIONS
from tokendesk.history.token_uses import USES_KEPT, pull_times
from tokendesk.model.counting import counted
from tokendesk.model.timestamps import AHEAD, DAY, day, parse_expiry
from tokendesk.views.reader import Reader

MOST_POINTS = 120


class Point(NamedTuple):
    """The tokens of the policy at the time `at` of a pull."""

    at: int
    tokens: int
    undecided: int
    in_use: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`pulls`: how many there were. `left_out`: tokens that are gone, and whose policy is not known.

    `uses_since`: from when on all uses are known, if not from the first pull on.
    """

    points: tuple[Point, ...]
    pulls: int
    left_out: int = 0
    uses_since: int | None = None

    @property
    def words(self) -> str:
        """Return since when the progress is known, and what is not known of it."""
        if len(self.points) < 2:
            return "Progress is shown from the second pull on." if self.points else ""
        words = f"{self.pulls:,} pulls since {day(self.points[0].at)}."
        if self.uses_since is not None:
            words += f" Before {day(self.uses_since)}, not all uses are known."
        if self.left_out:
            words += f" Left out: {counted(self.left_out, 'token')} gone since, whose policy is not known."
        return words


class _Token(NamedTuple):
    token_id: str
    owner: str | None
    policy: str | None
    """The policy of its owner in the snapshot."""
    expires: int | None


_MOVES = """
SELECT c.record, c.at, c.before, c.after FROM history.change AS c JOIN history.completed USING (pull_id)
WHERE c.kind IN ('moved', 'moved-by-us') AND c.record IN (
    SELECT m.record FROM history.change AS m
    WHERE m.kind IN ('moved', 'moved-by-us') AND ? IN (m.before, m.after))
ORDER BY c.at, c.id
"""
_TOKENS = """
SELECT t.token_id, u.account_id, p.policy_id, t.expires
FROM main.token AS t LEFT JOIN main.user AS u ON u.id = t.user LEFT JOIN main.policy AS p ON p.id = t.policy
WHERE p.policy_id = ? OR u.account_id IN (SELECT value FROM json_each(?))
"""
_EVENTS = """
SELECT c.record, c.at, c.kind IN ('created', 'reappeared') AS came, c.email, c.before
FROM history.change AS c JOIN history.completed USING (pull_id)
WHERE c.subject = 'token' AND c.kind IN ('created', 'reappeared', 'gone', 'expired', 'revoked') ORDER BY c.at, c.id
"""
_LISTED = "SELECT token_id FROM main.token WHERE token_id IN (SELECT value FROM json_each(?))"
_OWNERS = """
SELECT u.email, min(u.account_id) AS account_id, min(p.policy_id) AS policy_id
FROM main.user AS u LEFT JOIN main.policy AS p ON p.id = u.policy
WHERE u.email IN (SELECT value FROM json_each(?)) GROUP BY u.email HAVING count(*) = 1
"""
_USES = """
SELECT o.token_id, o.last_used, p.pulled_at AS seen
FROM history.observation AS o JOIN history.completed USING (pull_id) JOIN history.pull AS p USING (pull_id)
WHERE o.token_id IN (SELECT value FROM json_each(?)) ORDER BY o.token_id
"""
_DECISIONS = """
SELECT w.subject, CAST(strftime('%s', coalesce(d.written, w.time)) AS INTEGER) AS at, w.value, w.entry_id
FROM desk.written AS w LEFT JOIN desk.dated AS d ON d.entry_id = w.entry_id
WHERE w.about = 'token' AND w.name = 'decision' AND w.subject IN (SELECT value FROM json_each(?))
ORDER BY w.subject, at, w.time
"""
_UNDONE = "SELECT DISTINCT entry_id FROM desk.undoing"


def goal_progress(reader: Reader, policy_id: str, now: int, most: int = MOST_POINTS) -> Progress:
    """Return the way of the policy over at most `most` of the pulls so far."""
    pulls = [at for at in pull_times(reader.db, "history") if at <= now]
    times = pulls if len(pulls) <= most else [pulls[n * (len(pulls) - 1) // (most - 1)] for n in range(most)]
    line = _Timeline(times)
    moves = _moves(reader, policy_id)
    events, gone, left_out = _events(reader)
    tokens = [_Token(*row) for row in reader.db.execute(_TOKENS, (policy_id, json.dumps([*moves])))]
    tokens += gone
    there = {
        token.token_id: line.between(_times_there(events.get(token.token_id, ())))
        & line.between(_times_inside(moves.get(token.owner or "", ()), token.policy, policy_id))
        for token in tokens
    }
    asked = json.dumps([token_id for token_id, points in there.items() if points])
    uses, uses_since = _uses(reader, asked, line)
    decided = _decided(reader, asked, line)
    counts = [
        line.count(there.values()),
        line.count(points & ~decided.get(token_id, 0) for token_id, points in there.items()),
        line.count(
            there[token.token_id] & uses.get(token.token_id, 0) & line.between([(None, token.expires)])
            for token in tokens
        ),
    ]
    points = tuple(Point(*each) for each in zip(times, *counts, strict=True))
    return Progress(points, len(pulls), left_out, uses_since)


Span = tuple[int | None, int | None]
"""From a time until before another; None is without an end."""


class _Timeline:
    """The points of time that are asked about. A set of them is a number with a bit for each."""

    def __init__(self, times: Sequence[int]) -> None:
        self._times = times
        self._before = [(1 << place) - 1 for place in range(len(times) + 1)]
        """The points before each place."""

    def between(self, spans: Iterable[Span]) -> int:
        """Return the points in any of `spans`."""
        found, times, before = 0, self._times, self._before
        for start, end in spans:
            first = 0 if start is None else bisect_left(times, start)
            last = len(times) if end is None else bisect_left(times, end)
            if first < last:
                found |= before[last] ^ before[first]
        return found

    def count(self, sets: Iterable[int]) -> list[int]:
        """Return for each point how many of `sets` contain it."""
        found = [0] * len(self._times)
        for points, times in Counter(sets).items():
            for place in range(len(found)):
                found[place] += times * (points >> place & 1)
        return found


def _moves(reader: Reader, policy_id: str) -> Mapping[str, list[tuple[int, str, str]]]:
    """Return the moves of the users that were moved into the policy or out of it."""
    found = defaultdict[str, list[tuple[int, str, str]]](list)
    for record, at, before, after in reader.db.execute(_MOVES, (policy_id,)):
        found[record].append((at, before, after))
    return found


def _times_inside(moves: Sequence[tuple[int, str, str]], policy: str | None, wanted: str) -> Iterable[Span]:
    """Yield when somebody was in the policy `wanted` who now is in `policy`."""
    start = None
    for at, before, _ in moves:
        if before == wanted:
            yield start, at
        start = at
    if policy == wanted:
        yield start, None


def _times_there(events: Sequence[tuple[int, bool]]) -> Iterable[Span]:
    """Yield when a token was listed; `events`: when it came, or was gone."""
    start: int | None = None
    is_there = not events or not events[0][1]
    for at, came in events:
        if came and not is_there:
            start, is_there = at, True
        elif not came and is_there:
            yield start, at
            is_there = False
    if is_there:
        yield start, None


def _events(reader: Reader) -> tuple[Mapping[str, list[tuple[int, bool]]], list[_Token], int]:
    """Return when tokens came and were gone, those that are gone, and how many of these have no known owner."""
    events = defaultdict[str, list[tuple[int, bool]]](list)
    last = dict[str, tuple[str | None, str | None]]()
    for record, at, came, email, before in reader.db.execute(_EVENTS):
        events[record].append((at, bool(came)))
        if not came:
            last[record] = email, before
    listed = {row[0] for row in reader.db.execute(_LISTED, (json.dumps([*last]),))}
    gone = {record: found for record, found in last.items() if record not in listed}
    emails = json.dumps([email for email, _ in gone.values() if email])
    owners = {row["email"]: (row["account_id"], row["policy_id"]) for row in reader.db.execute(_OWNERS, (emails,))}
    known = [
        _Token(record, *owners[email], parse_expiry(expires))
        for record, (email, expires) in gone.items()
        if email in owners
    ]
    return events, known, len(gone) - len(known)


def _uses(reader: Reader, tokens: str, line: _Timeline) -> tuple[Mapping[str, int], int | None]:
    """Return when each token was in use, and from when on that is known if not from the start on."""
    length = reader.thresholds.in_use * DAY
    found = dict[str, int]()
    since: int | None = None
    for token_id, rows in groupby(reader.db.execute(_USES, (tokens,)), key=itemgetter(0)):
        uses = [(used, seen) for _, used, seen in rows]
        found[token_id] = line.between((max(seen, used - AHEAD), used + length) for used, seen in uses)
        if len(uses) >= USES_KEPT:
            since = max(since or 0, min(seen for _, seen in uses))
    return found, since


def _decided(reader: Reader, tokens: str, line: _Timeline) -> Mapping[str, int]:
    """Return when each token had a decision."""
    undone = {row[0] for row in reader.db.execute(_UNDONE) if not is_in_effect(reader.db, row[0], "desk")}
    written = defaultdict[str, list[tuple[int, bool]]](list)
    for subject, at, value, entry_id in reader.db.execute(_DECISIONS, (tokens,)):
        if entry_id not in undone:
            written[subject].append((at, value in DECISIONS and value != "undecided"))
    return {
        subject: line.between(
            (at, until) for (at, is_decided), (until, _) in pairwise([*writes, (None, False)]) if is_decided
        )
        for subject, writes in written.items()
    }

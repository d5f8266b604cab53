"""Summarizes what happened during a long time without a pull."""

from tokendesk.model.findings import Thresholds
from tokendesk.model.timestamps import DAY, day
from tokendesk.paths import ProfilePaths
from tokendesk.views.reader import Reader
from tokendesk.views.successors import offers

ABSENCE = 7 * DAY
"""Seconds without a pull after which the first screen summarizes the changes."""

_CHANGES = """
SELECT count(*) FILTER (WHERE kind = 'created') AS made,
    count(*) FILTER (WHERE kind IN ('gone', 'expired', 'revoked')) AS gone
FROM temp.change_row WHERE at > ? AND subject = 'token'
"""
_BEFORE = """
SELECT max(pulled_at) FROM history.pull JOIN history.completed USING (pull_id) WHERE pulled_at < ?
"""


def pull_before(reader: Reader) -> int | None:
    """Return the time of the pull before the current one; None if it was the first."""
    if reader.info is None:
        return None
    found: int | None = reader.db.execute(_BEFORE, (reader.info.pulled_at,)).fetchone()[0]
    return found


def describe_absence(reader: Reader, since: int, now: int) -> str | None:
    """Return what happened since the pull at `since`, if the next one came long afterwards."""
    if reader.info is None or reader.info.pulled_at - since < ABSENCE:
        return None
    made, gone = reader.db.execute(_CHANGES, (since,)).fetchone()
    successors = len(offers(reader, now))
    due = reader.counts("tokens", ("is:review-due",), now)[0]
    told = [
        _many(made, "new"),
        _many(gone, "gone"),
        _many(successors, "likely successor", "s") + ": review and carry over notes" if successors else "",
        _many(due, "review", "s") + " due" if due else "",
    ]
    days = (reader.info.pulled_at - since) // DAY
    happened = ", ".join(filter(None, told)) or "nothing new, nothing gone"
    return f"Since {_short(since, now)}: {happened}. No pulls for {days:,} days: uses in between may be missing."


def describe_absence_before_pull(paths: ProfilePaths, thresholds: Thresholds, now: int) -> str | None:
    """Return the message after a pull, if it is the first for a while."""
    with Reader(paths, thresholds) as reader:
        since = pull_before(reader)
        return None if since is None else describe_absence(reader, since, now)


def _many(count: int, what: str, ending: str = "") -> str:
    return f"{count:,} {what}{ending if count != 1 else ''}" if count else ""


def _short(moment: int, now: int) -> str:
    """Return the day, without the current year."""
    said, this_year = day(moment), day(now).rsplit(" ", 1)[-1]
    return said.removesuffix(f" {this_year}")

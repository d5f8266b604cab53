"""Reads the history of one token or user: changes seen by pulls, and times of use."""

from tokendesk.model.changes import describe_change
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, day, day_and_time
from tokendesk.views.facts import Fact, Section
from tokendesk.views.reader import Reader

_MOST = 60
TAB = "History"

_CHANGES = """
SELECT at, kind, coalesce(before_policy, before) AS before, coalesce(after_policy, after) AS after
FROM temp.change_row WHERE record = ? ORDER BY at DESC, id DESC LIMIT ?
"""
_USES = """
SELECT o.last_used, min(p.pulled_at) AS seen
FROM history.observation AS o JOIN history.completed USING (pull_id) JOIN history.pull AS p USING (pull_id)
WHERE o.token_id = ? GROUP BY o.last_used ORDER BY o.last_used DESC LIMIT ?
"""


def history_sections(reader: Reader, record: str, now: int) -> tuple[Section, ...]:
    """Return the changes and uses that pulls saw of the token or user with Atlassian's id `record`."""
    changes = tuple(
        Fact(day(row["at"]), printable(describe_change(row["kind"], row["before"], row["after"])))
        for row in reader.db.execute(_CHANGES, (record, _MOST))
    )
    uses = tuple(
        Fact(day_and_time(row["last_used"]), f"{ago(row['last_used'], now)}, seen by the pull of {day(row['seen'])}")
        for row in reader.db.execute(_USES, (record, _MOST))
    )
    return (
        Section("Changes that pulls saw", changes, stacked=True, tab=TAB),
        Section("Uses that pulls saw", uses, stacked=True, tab=TAB),
    )

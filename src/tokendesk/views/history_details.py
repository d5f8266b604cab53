"""Reads the history of one token or user: changes seen by pulls, and times of use."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from tokendesk.model.changes import describe_change
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, day, day_and_time
from tokendesk.views.facts import Fact, Section
from tokendesk.views.reader import Reader, Row

_MOST = 60
TAB = "History"

_CHANGES = """
SELECT record, at, kind, coalesce(before_policy, before) AS before, coalesce(after_policy, after) AS after
FROM temp.change_row WHERE record IN (SELECT value FROM json_each(?)) ORDER BY at DESC, id DESC LIMIT ?
"""
_USES = """
SELECT o.token_id AS record, o.last_used, min(p.pulled_at) AS seen
FROM history.observation AS o JOIN history.completed USING (pull_id) JOIN history.pull AS p USING (pull_id)
WHERE o.token_id IN (SELECT value FROM json_each(?)) GROUP BY o.token_id, o.last_used ORDER BY o.last_used DESC LIMIT ?
"""


def history_sections(
    reader: Reader, record: str, now: int, before: Mapping[str, str] = MappingProxyType({})
) -> tuple[Section, ...]:
    """Return the changes and uses that pulls saw of `record`, an id as notes have it.

    `before`: the names of those that it replaces, by record; what was seen of them comes along, with the name.
    """
    records = json.dumps([record, *before])

    def words(row: Row, text: str) -> str:
        return f"{text}, as {printable(before[row['record']])}" if row["record"] in before else text

    changes = tuple(
        Fact(day(row["at"]), words(row, printable(describe_change(row["kind"], row["before"], row["after"]))))
        for row in reader.db.execute(_CHANGES, (records, _MOST))
    )
    uses = tuple(
        Fact(
            day_and_time(row["last_used"]),
            words(row, f"{ago(row['last_used'], now)}, seen by the pull of {day(row['seen'])}"),
        )
        for row in reader.db.execute(_USES, (records, _MOST))
    )
    return (
        Section("Changes that pulls saw", changes, stacked=True, tab=TAB),
        Section("Uses that pulls saw", uses, stacked=True, tab=TAB),
    )

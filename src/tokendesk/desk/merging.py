"""Imports entries of other desks, and reports the changes before they are kept."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokendesk.desk.arriving import Own
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.fields import Place


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after. `kept`: our newer value stays, and `theirs` is the older one."""

    place: Place
    ours: str | None
    theirs: str | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """The effect of an import on notes and policy facts."""

    new: int
    """New entries."""
    known: int
    fresh: tuple[tuple[str, str], ...]
    """Tokens, users and policies without earlier notes."""
    changed: tuple[Difference, ...]
    conflicting: tuple[Difference, ...]
    subjects: tuple[tuple[str, str], ...]
    """All subjects of the new entries."""
    authors: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    """Entries with this desk's own id that it may not have written: left out."""
    desks: frozenset[str] = frozenset()
    """The desks of the new entries, and the desks whose clocks they describe."""


def merge(desk: Desk, entries: Iterable[Entry], *, keep: bool, own: Own = Own.REFUSED) -> Merge:
    """Import new entries, or only report what would change: the same code, except for the commit.

    `own`: how to treat entries with this desk's own id that it does not have.
    Entries are identified by their ids, so importing them twice or in any order gives the same notes.
    """
    with desk.transaction(commit=keep):
        arrivals = desk.arrive(entries, report=True, own=own)
        changed = tuple(Difference(*_differing(row)) for row in desk.rows(_CHANGED))
        lost = tuple(Difference(*_differing(row), kept=True) for row in desk.rows(_LOST))
        subjects = tuple(desk.rows(_SUBJECTS))
        return Merge(
            arrivals.new, arrivals.given - arrivals.new - arrivals.refused, tuple(desk.rows(_FRESH)), changed, lost,
            subjects, Counter(dict(arrivals.authors())), arrivals.refused,
            arrivals.desks(),
        )  # fmt: skip


def _differing(row: Sequence[Any]) -> tuple[Place, str | None, str | None]:
    about, subject, name, ours, theirs = row
    return (about, subject, name), ours, theirs


_CHANGED = """
SELECT about, subject, name, b.value, f.value FROM temp.before AS b LEFT JOIN field AS f USING (about, subject, name)
WHERE b.value IS NOT NULL AND b.value IS NOT f.value ORDER BY about, subject, name
"""
_LOST = """
SELECT b.about, b.subject, b.name, f.value, s.value
FROM (
    SELECT *, (
        SELECT max(rowid) FROM temp.reported AS r WHERE r.about = b.about AND r.subject = b.subject AND r.name = b.name
    ) AS last FROM temp.before AS b WHERE b.value IS NOT NULL
) AS b
CROSS JOIN temp.reported AS s ON s.rowid = b.last CROSS JOIN field AS f
    ON f.about = b.about AND f.subject = b.subject AND f.name = b.name
WHERE (f.value, f.time, f.author) IS (b.value, b.time, b.author) AND s.value IS NOT f.value
ORDER BY last
"""
_SUBJECTS = """
SELECT about, subject FROM temp.reported WHERE about != 'goal' GROUP BY about, subject ORDER BY min(rowid)
"""
_FRESH = """
SELECT about, subject FROM (
    SELECT about, subject, min(rowid) AS first FROM temp.reported WHERE about != 'goal' GROUP BY about, subject
) AS s
WHERE NOT EXISTS (
    SELECT 1 FROM temp.before AS b WHERE b.about = s.about AND b.subject = s.subject AND b.value IS NOT NULL
) AND NOT EXISTS (
    SELECT 1 FROM field AS f WHERE f.about = s.about AND f.subject = s.subject AND f.value IS NOT NULL
        AND (f.about, f.subject, f.name) NOT IN (SELECT about, subject, name FROM temp.reported)
) ORDER BY first
"""

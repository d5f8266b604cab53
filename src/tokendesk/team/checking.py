"""Checks a team's database: no entry edited or missing, each desk written by one role."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tokendesk.model.text import printable
from tokendesk.stopping import check_stopped
from tokendesk.team.connection import check_version, connected
from tokendesk.team.rows import read_row

if TYPE_CHECKING:
    import psycopg

_MOST_SAID = 20
_ENTRIES = "SELECT desk, id, seq, body FROM tokendesk.entry WHERE organization = %s ORDER BY desk, seq, id"
_DESKS = """
SELECT d.desk, d.written_by, d.entries, count(e.id), count(DISTINCT e.seq), coalesce(max(e.seq), 0),
    array_remove(array_agg(DISTINCT e.written_by::text), d.written_by::text)
FROM tokendesk.desk AS d LEFT JOIN tokendesk.entry AS e USING (organization, desk)
WHERE d.organization = %s GROUP BY d.desk, d.written_by, d.entries ORDER BY d.desk
"""


class Checked(NamedTuple):
    entries: int
    desks: int
    problems: tuple[str, ...]


def check_team(url: str, org_id: str) -> Checked:
    """Read every entry of the organization. Raises UsageError or TeamUnavailable."""
    with connected(url, sharing=False) as db:
        check_version(db)
        desks = db.execute(_DESKS, (org_id,)).fetchall()
        problems = [words for row in desks for words in _of_desk(*row)]
        problems += _edited(db, org_id)
    said = problems[:_MOST_SAID]
    if len(problems) > _MOST_SAID:
        said.append(f"and {len(problems) - _MOST_SAID:,} more")
    return Checked(sum(row[3] for row in desks), len(desks), tuple(said))


def _of_desk(
    desk_id: str, owner: str, told: int, count: int, places: int, last: int, others: list[str | None]
) -> Iterator[str]:
    name = f"desk {printable(desk_id)}"
    if places < last or count < told:
        missing = max(last - places, told - count)
        yield f"of {name} {missing:,} {'entry is' if missing == 1 else 'entries are'} missing"
    if count > places:
        yield f"{name} was copied and used twice: nothing is lost, delete one copy"
    if strangers := [printable(each) for each in others if each is not None]:
        yield f"{name} belongs to {printable(owner)}, and has entries of {', '.join(strangers[:5])}"


def _edited(db: "psycopg.Connection[Any]", org_id: str) -> Iterator[str]:
    with db.transaction(), db.cursor("entries") as rows:
        rows.itersize = 200
        for desk_id, entry_id, sequence, body in rows.execute(_ENTRIES, (org_id,)):
            check_stopped()
            read = read_row(org_id, desk_id, entry_id, sequence, body)
            if isinstance(read, str):
                yield read

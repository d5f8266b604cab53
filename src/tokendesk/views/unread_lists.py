"""Which lists of credentials were not read, or not to their end, and why."""

from typing import NamedTuple

from tokendesk.model.text import printable
from tokendesk.model.timestamps import day, parse_timestamp
from tokendesk.views.reader import Reader


class Incomplete(NamedTuple):
    """A list that is not complete."""

    title: str
    kind: str
    why: str


_INCOMPLETE = "SELECT title, kind, problem, read_at FROM credential_list WHERE problem IS NOT NULL ORDER BY name"


def incomplete_lists(reader: Reader) -> list[Incomplete]:
    """Return the lists that are not complete, each with why, and of when their entries are."""
    began = reader.info.credentials_at if reader.info is not None else None
    found = []
    for title, kind, problem, read_at in reader.db.execute(_INCOMPLETE).fetchall():
        at = parse_timestamp(read_at)
        kept = f"; shown is what was there on {day(at)}" if at is not None and at != began else ""
        found.append(Incomplete(title, kind, f"{printable(problem).removesuffix('.')}{kept}"))
    return found


def describe_unread(reader: Reader, pull: str) -> str:
    """Say which credentials were not read, and why; empty if all were. `pull`: how to pull everything."""
    if reader.info is not None and reader.info.credentials_at is None and reader.paths.file is not None:
        return "This file has no credentials: they were not read before it was saved."
    if reader.info is not None and reader.info.credentials_at is None:
        return f"Credentials were not read yet: they come with a full pull. {pull} starts one."
    by_reason: dict[str, list[str]] = {}
    for each in incomplete_lists(reader):
        by_reason.setdefault(each.why, []).append(each.title)
    return " ".join(f"Not complete: {', '.join(titles)}: {why}." for why, titles in by_reason.items())

"""Sentences on wrong clocks."""

from collections.abc import Collection

from tokendesk.desk.clocks import Statement, length_words
from tokendesk.desk.entries import Desk
from tokendesk.model.text import printable


def describe_wrong_clocks(desk: Desk, desks: Collection[str] | None = None) -> list[str]:
    """Return a sentence for each wrong clock, of all desks or of `desks`."""
    return [_describe(desk, wrong) for wrong in desk.clocks.wrong if desks is None or wrong.desk_id in desks]


def describe_implausible_clock(ahead: float) -> str:
    """Return a sentence on an implausible difference between this computer's clock and the server's."""
    side = "ahead of" if ahead > 0 else "behind"
    return (
        f"This computer's clock is {length_words(abs(ahead))} {side} the server's. That is implausible, so "
        "notes are dated by this computer's: correct it if it is wrong."
    )


def _describe(desk: Desk, statement: Statement) -> str:
    desk_id, author = statement.desk_id, printable(statement.author)
    whose = "this desk" if desk_id == desk.desk_id else f"desk {printable(desk_id)[:12]}{_author(desk, statement)}"
    return (
        f"the clock of {whose} was {length_words(statement.ahead)} ahead from its entry {statement.first:,} on, says "
        f"{author}. Where somebody whose clock was right wrote too, that holds unless it was overruled"
    )


def _author(desk: Desk, statement: Statement) -> str:
    found = desk.rows(
        "SELECT author FROM entry WHERE desk_id = ? AND sequence >= ? ORDER BY sequence LIMIT 1",
        statement.desk_id, statement.first,
    )  # fmt: skip
    return f" ({printable(found[0][0])})" if found else ""

"""Sentences on wrong clocks."""

from collections.abc import Collection

from tokendesk.desk.clocks import Statement, length_words
from tokendesk.desk.entries import Desk
from tokendesk.model.text import printable


def clock_words(desk: Desk, desks: Collection[str] | None = None) -> list[str]:
    """Return a sentence for each wrong clock, of all desks or of `desks`."""
    return [_words(desk, said) for said in desk.clocks.wrong if desks is None or said.desk_id in desks]


def unbelieved_words(ahead: float) -> str:
    """Return a sentence on an implausible difference between this computer's clock and the server's."""
    side = "ahead of" if ahead > 0 else "behind"
    return (
        f"This computer's clock is {length_words(abs(ahead))} {side} the server's. That is implausible, so "
        "notes are dated by this computer's: correct it if it is wrong."
    )


def _words(desk: Desk, said: Statement) -> str:
    whose = "this desk" if said.desk_id == desk.desk_id else f"desk {printable(said.desk_id)[:12]}{_author(desk, said)}"
    return (
        f"the clock of {whose} was {length_words(said.ahead)} ahead from its entry {said.first:,} on, says "
        f"{printable(said.author)}. Where somebody whose clock was right wrote too, that holds unless it was overruled"
    )


def _author(desk: Desk, said: Statement) -> str:
    found = desk.rows(
        "SELECT author FROM entry WHERE desk_id = ? AND sequence >= ? ORDER BY sequence LIMIT 1",
        said.desk_id, said.first,
    )  # fmt: skip
    return f" ({printable(found[0][0])})" if found else ""

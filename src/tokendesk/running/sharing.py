"""Shares notes with colleagues through the profile's shared folder."""

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.sharing import Exchanged, exchange
from tokendesk.errors import TokendeskError
from tokendesk.model.text import printable


def share_notes(settings: Settings, desk: Desk | None = None) -> Exchanged:
    """Exchange entries with the shared folder, if there is one. Problems are returned, not raised."""
    if settings.share is None or settings.paths.file is not None:
        return Exchanged()
    try:
        if desk is not None:
            return exchange(desk, settings.share, settings.paths.shared)
        with Desk(settings.paths.desk, author=settings.author) as opened:
            return exchange(opened, settings.share, settings.paths.shared)
    except TokendeskError as error:
        return Exchanged(problems=(str(error),))


def describe_exchange(exchanged: Exchanged) -> list[str]:
    """Describe an exchange in lines: none if nothing was received and nothing failed."""
    came = exchanged.received
    lines = [f"{came:,} new entr{'y' if came == 1 else 'ies'} from the shared folder."] if came else []
    lines += [f"Shared folder: {printable(words)}." for words in exchanged.clocks]
    return lines + [f"Shared folder: {printable(problem)}" for problem in exchanged.problems]

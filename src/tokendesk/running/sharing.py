"""Shares notes with colleagues through the profile's shared folder, or the team's database."""

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.shared_log import SharedLog
from tokendesk.desk.sharing import Exchanged, FolderLog
from tokendesk.errors import TokendeskError
from tokendesk.model.text import printable


def shared_log(settings: Settings) -> SharedLog | None:
    """Return where the desks of this profile exchange entries; None if each is alone."""
    if settings.share is None or settings.paths.file is not None:
        return None
    if isinstance(settings.share, str):
        from tokendesk.team.log import PostgresLog

        return PostgresLog(settings.share, settings.paths.team)
    return FolderLog(settings.share, settings.paths.shared)


def share_notes(settings: Settings, desk: Desk | None = None) -> Exchanged:
    """Exchange entries with other desks, if they are shared. Problems are returned, not raised."""
    log = shared_log(settings)
    if log is None:
        return Exchanged()
    try:
        if desk is not None:
            return log.exchange(desk)
        with Desk(settings.paths.desk, author=settings.author) as opened:
            return log.exchange(opened)
    except TokendeskError as error:
        return Exchanged(problems=(str(error),), place=log.place)


def describe_exchange(exchanged: Exchanged) -> list[str]:
    """Describe an exchange in lines: none if nothing was received and nothing failed."""
    place, came = exchanged.place, exchanged.received
    title = place.removeprefix("the ").capitalize()
    lines = [f"{came:,} new entr{'y' if came == 1 else 'ies'} from {place}."] if came else []
    lines += [f"{title}: {printable(words)}." for words in exchanged.clocks]
    named = place.removeprefix("the ")
    return lines + [
        printable(problem) if named in problem else f"{title}: {printable(problem)}" for problem in exchanged.problems
    ]

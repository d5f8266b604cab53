"""Sharing notes with colleagues where the profile names a folder for it."""

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.sharing import Exchanged, exchange
from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean


def share_notes(settings: Settings, desk: Desk | None = None) -> Exchanged:
    """Exchange entries with the shared folder, where there is one. What goes wrong is said, and stops nothing."""
    if settings.share is None or settings.places.file is not None:
        return Exchanged()
    try:
        if desk is not None:
            return exchange(desk, settings.share, settings.places.shared)
        with Desk(settings.places.desk, author=settings.author) as opened:
            return exchange(opened, settings.share, settings.places.shared)
    except TokendeskError as error:
        return Exchanged(problems=(str(error),))


def sharing_words(exchanged: Exchanged) -> list[str]:
    """Return what there is to say: nothing where nothing came and nothing went wrong."""
    came = exchanged.received
    lines = [f"{came:,} new entr{'y' if came == 1 else 'ies'} from the shared folder."] if came else []
    lines += [f"Shared folder: {clean(words)}." for words in exchanged.clocks]
    return lines + [f"Shared folder: {clean(problem)}" for problem in exchanged.problems]

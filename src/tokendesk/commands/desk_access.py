"""Shared by commands that write to the desk: opening it, and describing entries."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tokendesk.commands.stdout import urgent_stderr
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.undoing import describe_undone_entry
from tokendesk.errors import UsageError
from tokendesk.model.dates import read_day
from tokendesk.running import migration
from tokendesk.views.notes import names_of
from tokendesk.views.reader import Reader


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """Open the profile's desk for writing; share the entries if the profile has a shared folder."""
    if settings.paths.file is not None:
        raise UsageError("A saved snapshot is read-only. Write notes in the profile's own desk.")
    with Desk(settings.paths.desk, author=settings.author, clock=settings.now) as desk:
        yield desk
        if settings.share is not None:
            from tokendesk.running.sharing import describe_exchange, share_notes

            exchanged = share_notes(settings, desk)
            for line in describe_exchange(exchanged):
                print(f"tokendesk: {line}", file=urgent_stderr() if exchanged.problems else sys.stderr)


@contextmanager
def open_reader(settings: Settings) -> Iterator[Reader]:
    """Open the snapshot and the desk. Raises UsageError if there is no snapshot."""
    if not settings.paths.snapshot.exists():
        raise UsageError("There is no snapshot yet. Create one with: tokendesk pull (or, to practise: tokendesk demo)")
    with migration.open_reader(settings.paths, settings.thresholds) as reader:
        yield reader


def parse_day(text: str, now: int) -> str | None:
    """Return the ISO date for `14d` or `2026-12-31`; None for an empty text. Raises UsageError."""
    try:
        return read_day(text, now)
    except ValueError as error:
        raise UsageError(f"{text[:40]!r}: {error}") from None


def describe_entry(entry: Entry, reader: Reader) -> str:
    """Describe an entry, with the names of its subjects."""
    return describe_undone_entry(entry, lambda about, subject: names_of(reader, about, [subject]).get(subject))


def undo_hint(settings: Settings) -> str:
    profile = "" if settings.profile == "default" else f" --profile {settings.profile}"
    return f"Undo it with: tokendesk note --undo{profile}"
